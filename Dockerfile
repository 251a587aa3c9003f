# The forum in a container: one static program, no shell, not root.
#
#	docker build -t forum .
#	docker run -p 8080:8080 -v forum-data:/data -e FORUM_BASE_URL=https://forum.example.org forum
#
# A proxy before it serves HTTPS under that name and passes the Host header on.
# The build needs the network once, for Go's modules.
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /out/forum ./cmd/forum
# A place for data that belongs to the account of the program, which makes a
# folder in it that only it may enter.
RUN install -d /out/data

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /out/forum /usr/local/bin/forum
COPY --from=build --chown=65532:65532 /out/data /data
USER 65532:65532
ENV FORUM_ADDR=:8080 FORUM_DATA=/data/forum
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/local/bin/forum"]
CMD ["serve"]

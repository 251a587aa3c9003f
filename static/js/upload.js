// Hands in a file in pieces, so that a line that breaks costs one piece and not
// the file, and records sound where the browser can. Without this script the form
// sends the file at once.

const form = document.querySelector("form[data-upload]");
const says = form?.querySelector("[data-says]");
const bar = form?.querySelector("progress");

// Sizes of pieces, in bytes: small at first, as long as one takes little time.
const smallest = 16 * 1024;
const largest = 1024 * 1024;
const comfortable = 4000; // milliseconds for one piece

const wait = (ms) => new Promise((done) => { setTimeout(done, ms); });

// memory is where an upload stands, so that it goes on after the page was loaded
// again and the same file was chosen.
const memory = (file) => `upload ${form.dataset.upload} ${file.name} ${file.size} ${file.lastModified}`;

async function ask(path, options = {}) {
  const answer = await fetch(path, { ...options, headers: { Accept: "application/json", "X-CSRF-Token": form.dataset.csrf, ...options.headers } });
  const body = await answer.json().catch(() => ({}));
  return { status: answer.status, ok: answer.ok, body };
}

// begin goes on with an upload that was broken off, or begins one.
async function begin(file) {
  const known = sessionStorage.getItem(memory(file));
  if (known) {
    const { ok, body } = await ask(`${form.dataset.upload}/${known}`);
    if (ok) return body;
  }
  const fields = new URLSearchParams({ size: file.size });
  const { ok, body } = await ask(form.dataset.upload, { method: "POST", body: fields });
  if (!ok) throw new Error(body.fields?.file || body.error);
  sessionStorage.setItem(memory(file), body.upload);
  return body;
}

// send puts all pieces through, however often the line breaks.
async function send(file) {
  let { upload, have } = await begin(file);
  let piece = smallest;
  for (let pause = 1000; have < file.size;) {
    const began = performance.now();
    try {
      const { ok, status, body } = await ask(`${form.dataset.upload}/${upload}?offset=${have}`, { method: "POST", body: file.slice(have, have + piece), headers: { "Content-Type": "application/octet-stream" } });
      if (!ok && status !== 409 && status < 500) throw Object.assign(new Error(body.fields?.file || body.error), { final: true });
      if (!ok && status !== 409) throw new Error(body.error);
      have = body.have;
      pause = 1000;
      show(have / file.size);
      piece = performance.now() - began < comfortable ? Math.min(largest, piece * 2) : Math.max(smallest, piece / 2);
    } catch (problem) {
      if (problem.final) throw problem;
      says.textContent = form.dataset.waiting;
      piece = smallest;
      await wait(pause);
      pause = Math.min(30000, pause * 2);
      const stood = await ask(`${form.dataset.upload}/${upload}`).catch(() => null);
      if (stood?.ok) have = stood.body.have;
    }
  }
  const { ok, body } = await ask(`${form.dataset.upload}/${upload}/finish`, { method: "POST" });
  if (!ok) throw new Error(body.fields?.file || body.error);
  sessionStorage.removeItem(memory(file));
  return body.digest;
}

function show(share) {
  bar.hidden = false;
  bar.value = share;
  says.textContent = form.dataset.sending.replace("{share}", `${Math.round(share * 100)} %`);
}

// record lets the browser's own recorder make the file.
function record() {
  const place = form.querySelector(".recorder");
  if (!navigator.mediaDevices?.getUserMedia || !window.MediaRecorder) return;
  place.hidden = false;
  const [start, stop] = [place.querySelector("[data-record]"), place.querySelector("[data-stop]")];
  const [clock, audio] = [place.querySelector("output"), place.querySelector("audio")];
  start.addEventListener("click", async () => {
    const sound = await navigator.mediaDevices.getUserMedia({ audio: true }).catch(() => null);
    if (!sound) return;
    const parts = [];
    const recorder = new MediaRecorder(sound, { audioBitsPerSecond: 24000 });
    const began = Date.now();
    const tick = setInterval(() => { clock.textContent = `${Math.floor((Date.now() - began) / 1000)} s`; }, 1000);
    recorder.addEventListener("dataavailable", (e) => parts.push(e.data));
    recorder.addEventListener("stop", () => {
      clearInterval(tick);
      for (const track of sound.getTracks()) track.stop();
      const kept = new DataTransfer();
      kept.items.add(new File(parts, "recording", { type: recorder.mimeType }));
      form.elements.file.files = kept.files;
      audio.src = URL.createObjectURL(kept.files[0]);
      audio.hidden = false;
      [start.hidden, stop.hidden] = [false, true];
    });
    recorder.start();
    [start.hidden, stop.hidden] = [true, false];
    stop.addEventListener("click", () => recorder.stop(), { once: true });
  });
}

if (form) {
  record();
  form.addEventListener("submit", async (event) => {
    const file = form.elements.file.files[0];
    if (!file) return;
    event.preventDefault();
    const button = form.querySelector("button:not([type])");
    button.disabled = true;
    try {
      const digest = await send(file);
      const next = new URL(form.dataset.next, location.href);
      next.searchParams.set("evidence", digest);
      location.assign(next);
    } catch (problem) {
      says.textContent = problem.message || form.dataset.failed;
      button.disabled = false;
    }
  });
}

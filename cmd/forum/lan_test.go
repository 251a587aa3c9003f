package main

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTheLikeliestAddressComesFirst(t *testing.T) {
	var all []netip.Addr
	for _, a := range []string{"::1", "127.0.0.1", "fe80::1", "2001:db8::7", "169.254.3.4", "198.51.100.7", "0.0.0.0", "fd00::2", "192.168.1.5", "10.0.0.9"} {
		all = append(all, netip.MustParseAddr(a))
	}
	var got []string
	for _, a := range inOrder(all) {
		got = append(got, a.String())
	}
	want := []string{"192.168.1.5", "10.0.0.9", "198.51.100.7", "169.254.3.4", "2001:db8::7", "fd00::2"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("order of addresses (-want +got):\n%s", diff)
	}
}

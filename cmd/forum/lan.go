package main

import (
	"cmp"
	"net"
	"net/netip"
	"slices"

	"github.com/skip2/go-qrcode"
)

// hallAddresses are this machine's addresses that others in a hall may reach,
// the likeliest first; none where it has no network.
func hallAddresses() []string {
	interfaces, err := net.Interfaces()
	if err != nil {
		return nil
	}
	var found []netip.Addr
	for _, each := range interfaces {
		if each.Flags&net.FlagRunning == 0 || each.Flags&net.FlagPointToPoint != 0 {
			continue // unplugged, or a tunnel to elsewhere
		}
		addresses, err := each.Addrs()
		if err != nil {
			continue
		}
		for _, a := range addresses {
			if network, err := netip.ParsePrefix(a.String()); err == nil {
				found = append(found, network.Addr().WithZone(""))
			}
		}
	}
	found = inOrder(found)
	out := make([]string, len(found))
	for i, a := range found {
		out[i] = a.String()
	}
	return out
}

// inOrder leaves out what no phone can reach and sorts the rest: addresses of
// local networks, others, those that a machine gives itself where nobody gives
// it one. IPv4 comes first, because people may have to type it.
func inOrder(all []netip.Addr) []netip.Addr {
	all = slices.DeleteFunc(all, func(a netip.Addr) bool {
		return a.IsLoopback() || a.IsMulticast() || a.IsUnspecified() || (a.Is6() && a.IsLinkLocalUnicast())
	})
	rank := func(a netip.Addr) int {
		switch {
		case a.Is6():
			return 3
		case a.IsLinkLocalUnicast():
			return 2
		case a.IsPrivate():
			return 0
		}
		return 1
	}
	slices.SortStableFunc(all, func(a, b netip.Addr) int { return cmp.Compare(rank(a), rank(b)) })
	return all
}

// terminalQR draws an address as a code for a phone that is held to the laptop:
// light on dark, as terminals are. An address too long for one gives nothing.
func terminalQR(address string) string {
	code, err := qrcode.New(address, qrcode.Medium)
	if err != nil {
		return ""
	}
	return code.ToSmallString(false)
}

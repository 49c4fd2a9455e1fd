// A client of libcni for the tests: finds a conflist, and calls one verb of its plug-ins as a container runtime does.
//
//	usage: libcni-client add|check|del NETWORK NETNS CONTAINERID [CAPABILITY-ARGS-JSON]
//
// NETCONFPATH: folder of the conflists; CNI_PATH: folders of the plug-ins; CNI_CACHE: folder of libcni's cached results.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/containernetworking/cni/libcni"
)

// listVerbs are the verbs of a network as a whole, by name.
var listVerbs = map[string]func(cni *libcni.CNIConfig, list *libcni.NetworkConfigList, args []string) error{}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) < 2 || (len(args) < 4 && listVerbs[args[0]] == nil) {
		return fmt.Errorf("usage: libcni-client add|check|del NETWORK NETNS CONTAINERID [CAPABILITY-ARGS-JSON]")
	}
	list, err := libcni.LoadConfList(os.Getenv("NETCONFPATH"), args[1])
	if err != nil {
		return err
	}
	cni := libcni.NewCNIConfigWithCacheDir(filepath.SplitList(os.Getenv("CNI_PATH")), os.Getenv("CNI_CACHE"), nil)
	if verb := listVerbs[args[0]]; verb != nil {
		return verb(cni, list, args[2:])
	}
	runtime := &libcni.RuntimeConf{NetNS: args[2], ContainerID: args[3], IfName: "eth0"}
	if len(args) > 4 {
		if err := json.Unmarshal([]byte(args[4]), &runtime.CapabilityArgs); err != nil {
			return err
		}
	}
	switch args[0] {
	case "add":
		result, err := cni.AddNetworkList(context.Background(), list, runtime)
		if err != nil {
			return err
		}
		return result.Print()
	case "check":
		return cni.CheckNetworkList(context.Background(), list, runtime)
	case "del":
		return cni.DelNetworkList(context.Background(), list, runtime)
	default:
		return fmt.Errorf("no verb %q", args[0])
	}
}

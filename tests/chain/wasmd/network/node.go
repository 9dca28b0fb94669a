// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	readyWithin = 120 * time.Second // a loaded machine compiles and checks at its own pace
	endsWithin  = 10 * time.Second
)

// node is one validator: its account, where it listens, and its process while it runs.
type node struct {
	identity
	Operator string `json:"operator"`
	ID       string `json:"node_id"`
	RPC      string `json:"rpc"`
	Home     string `json:"home"`
	Log      string `json:"log"`

	wasmd            string
	rpcPort, p2pPort int
	process          *exec.Cmd
	ended            chan struct{} // closed when the process has ended
}

// state is what "status" says about a node.
type state struct {
	Name       string `json:"name"`
	Running    bool   `json:"running"`
	Pid        int    `json:"pid,omitempty"`
	Height     int64  `json:"height"`
	CatchingUp bool   `json:"catching_up"`
	ResidentKB int64  `json:"resident_kb,omitempty"`
}

func (v *node) isRunning() bool {
	if v.process == nil {
		return false
	}
	select {
	case <-v.ended:
		return false
	default:
		return true
	}
}

// start runs the node in a process group of its own, so that a Ctrl-C reaches only this program,
// which then stops the nodes in order. If this program dies, the kernel ends the node.
func (v *node) start() error {
	log, err := os.OpenFile(v.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()
	process := exec.Command(v.wasmd, "start", "--home", v.Home, "--log_no_color")
	process.Stdout, process.Stderr = log, log
	process.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := process.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	go func() {
		process.Wait()
		close(ended)
	}()
	v.process, v.ended = process, ended
	return nil
}

// signal sends a signal to the node's process group and waits for its end.
func (v *node) signal(s syscall.Signal, within time.Duration) error {
	if !v.isRunning() {
		return nil
	}
	if err := syscall.Kill(-v.process.Process.Pid, s); err != nil {
		return err
	}
	select {
	case <-v.ended:
		return nil
	case <-time.After(within):
		return errors.New(v.Name + " does not end")
	}
}

// kill ends a node without a warning, as a power cut would.
func (v *node) kill() error {
	if !v.isRunning() {
		return errors.New(v.Name + " is not running")
	}
	return v.signal(syscall.SIGKILL, endsWithin)
}

// state asks the node for its height.
func (v *node) state() state {
	s := state{Name: v.Name, Running: v.isRunning()}
	if !s.Running {
		return s
	}
	s.Pid = v.process.Process.Pid
	s.ResidentKB = resident(s.Pid)
	client := http.Client{Timeout: 5 * time.Second}
	response, err := client.Get(v.RPC + "/status")
	if err != nil {
		return s
	}
	defer response.Body.Close()
	var status struct {
		Result struct {
			SyncInfo struct {
				Height     string `json:"latest_block_height"`
				CatchingUp bool   `json:"catching_up"`
			} `json:"sync_info"`
		} `json:"result"`
	}
	if json.NewDecoder(response.Body).Decode(&status) == nil {
		s.Height, _ = strconv.ParseInt(status.Result.SyncInfo.Height, 10, 64)
		s.CatchingUp = status.Result.SyncInfo.CatchingUp
	}
	return s
}

// resident is the memory that a process occupies, in KiB; 0 where the system does not say.
func resident(pid int) int64 {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for _, line := range strings.Split(string(text), "\n") {
		if rest, found := strings.CutPrefix(line, "VmRSS:"); found {
			kb, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return kb
		}
	}
	return 0
}

// waitFor waits until a node has reached a height and is no longer behind; with height 0, since
// nobody else runs from whom it could learn, until it answers.
func (v *node) waitFor(ctx context.Context, height int64) error {
	deadline := time.Now().Add(readyWithin)
	for {
		if !v.isRunning() {
			return fmt.Errorf("%s has ended. The end of %s:\n%s", v.Name, v.Log, v.lastLines())
		}
		if s := v.state(); s.Height >= max(height, 1) && (height == 0 || !s.CatchingUp) {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s is not at block %d after %s. The end of %s:\n%s",
				v.Name, height, readyWithin, v.Log, v.lastLines())
		}
		select {
		case <-ctx.Done():
			return errors.New("interrupted")
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// lastLines is the end of the node's log.
func (v *node) lastLines() string {
	text, _ := os.ReadFile(v.Log)
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(lines[max(0, len(lines)-20):], "\n")
}

func (n *network) states() []state {
	var states []state
	for _, v := range n.Validators {
		states = append(states, v.state())
	}
	return states
}

// startAll starts every node and waits until all have seen two blocks.
func (n *network) startAll(ctx context.Context) error {
	for _, v := range n.Validators {
		if err := v.start(); err != nil {
			return err
		}
	}
	for _, v := range n.Validators {
		if err := v.waitFor(ctx, 2); err != nil {
			return err
		}
	}
	return nil
}

// restart starts a node that was killed, and waits until it knows all that the others know now.
func (n *network) restart(ctx context.Context, i int) error {
	v := n.Validators[i]
	if v.isRunning() {
		return errors.New(v.Name + " is running")
	}
	var height int64
	for _, s := range n.states() {
		height = max(height, s.Height)
	}
	if err := v.start(); err != nil {
		return err
	}
	return v.waitFor(ctx, height)
}

// stopAll asks every node to end, and ends those that do not.
func (n *network) stopAll() {
	for _, v := range n.Validators {
		if v.isRunning() {
			syscall.Kill(-v.process.Process.Pid, syscall.SIGTERM)
		}
	}
	for _, v := range n.Validators {
		if v.signal(syscall.SIGTERM, endsWithin) != nil {
			v.signal(syscall.SIGKILL, endsWithin)
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

// Command network runs a real CosmWasm chain on this machine for the tests: validators of wasmd
// that listen on the loopback interface only and are gone when it ends. README.md has the manual.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const usage = `usage:
  network up --wasmd FILE --dir D [--validators 4] [--ports 27000] [--until-stdin-ends]
  network status --dir D
  network kill N --dir D
  network start N --dir D
  network down --dir D
`

// describedIn is the file in which a running network is described; who finds it may ask.
const describedIn = "network.json"

func main() {
	// The kernel ends the nodes when the thread that started them ends: it must be the main one.
	runtime.LockOSThread()
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "network:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 0 {
		return errors.New("no command\n" + usage)
	}
	command, args := args[0], args[1:]
	switch command {
	case "up":
		return up(args)
	case "status", "down":
		return ask(command, args)
	case "kill", "start":
		if len(args) == 0 {
			return fmt.Errorf("%s what? name the validator by its number", command)
		}
		return ask(command+" "+args[0], args[1:])
	}
	return fmt.Errorf("no such command: %s\n%s", command, usage)
}

// up makes a new chain in a folder, runs it, and carries out requests until it is told to end.
func up(args []string) error {
	flags := flag.NewFlagSet("up", flag.ContinueOnError)
	wasmd := flags.String("wasmd", "", "the node's program")
	dir := flags.String("dir", "", "folder of the network: made anew")
	count := flags.Int("validators", 4, "how many validators")
	base := flags.Int("ports", 27000, "first port: control; 10 more for each validator")
	untilEOF := flags.Bool("until-stdin-ends", false, "end when standard input ends")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *wasmd == "" || *dir == "" || *count < 1 || *count > 20 || *base < 1024 || *base > 60000 {
		return errors.New("up: wants --wasmd and --dir, 1 to 20 validators, ports 1024 to 60000\n" + usage)
	}

	// Whoever holds the control port is the only network on these ports.
	control, err := net.Listen("tcp", address(*base))
	if err != nil {
		return fmt.Errorf("another network may be running there: %w", err)
	}
	defer control.Close()
	ctx, stop := signal.NotifyContext(context.Background(),
		syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	if *untilEOF {
		go func() {
			io.Copy(io.Discard, os.Stdin)
			stop()
		}()
	}

	started := time.Now()
	n, err := create(*wasmd, *dir, *count, *base)
	if err != nil {
		return err
	}
	defer n.stopAll()
	if err := n.startAll(ctx); err != nil {
		return err
	}
	n.ReadyAfterMs = time.Since(started).Milliseconds()
	text, err := json.Marshal(n)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(*dir, describedIn), append(text, '\n'), 0o644); err != nil {
		return err
	}
	defer os.Remove(filepath.Join(*dir, describedIn))
	fmt.Println(string(text))
	return serve(ctx, n, control)
}

// serve carries out one request after the other, in the main thread, until "down" or a signal.
func serve(ctx context.Context, n *network, control net.Listener) error {
	requests := make(chan net.Conn)
	go func() {
		for {
			conn, err := control.Accept()
			if err != nil {
				return
			}
			requests <- conn
		}
	}()
	for {
		select {
		case <-ctx.Done():
			return nil
		case conn := <-requests:
			conn.SetReadDeadline(time.Now().Add(5 * time.Second))
			line, err := bufio.NewReader(io.LimitReader(conn, 100)).ReadString('\n')
			if err != nil {
				conn.Close()
				continue
			}
			line = strings.TrimSpace(line)
			json.NewEncoder(conn).Encode(answer(ctx, n, line))
			if line == "down" {
				return nil // the connection ends with this program: who asked waits for that
			}
			conn.Close()
		}
	}
}

// reply is what every command but "up" prints.
type reply struct {
	Error string  `json:"error,omitempty"`
	Nodes []state `json:"nodes,omitempty"`
}

// answer carries out one request: "status", "down", "kill N" or "start N".
func answer(ctx context.Context, n *network, line string) reply {
	command, number, hasNumber := strings.Cut(line, " ")
	if hasNumber {
		i, err := strconv.Atoi(number)
		if err != nil || i < 0 || i >= len(n.Validators) {
			return reply{Error: "no such validator: " + number}
		}
		switch command {
		case "kill":
			err = n.Validators[i].kill()
		case "start":
			err = n.restart(ctx, i)
		default:
			err = errors.New("no such request: " + line)
		}
		if err != nil {
			return reply{Error: err.Error()}
		}
		return reply{Nodes: n.states()}
	}
	switch command {
	case "status":
		return reply{Nodes: n.states()}
	case "down":
		n.stopAll()
		return reply{Nodes: n.states()}
	}
	return reply{Error: "no such request: " + line}
}

// ask sends a request to the network that runs in a folder, and prints the answer.
func ask(request string, args []string) error {
	flags := flag.NewFlagSet(request, flag.ContinueOnError)
	dir := flags.String("dir", "", "folder of the network")
	if err := flags.Parse(args); err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join(*dir, describedIn))
	if errors.Is(err, os.ErrNotExist) && request == "down" {
		return nil
	}
	if err != nil {
		return fmt.Errorf("no network runs there: %w", err)
	}
	var n network
	if err := json.Unmarshal(text, &n); err != nil {
		return err
	}
	conn, err := net.Dial("tcp", n.Control)
	if err != nil && request == "down" {
		return nil
	}
	if err != nil {
		return fmt.Errorf("the network that ran there has ended: %w", err)
	}
	defer conn.Close()
	fmt.Fprintln(conn, request)
	text, err = io.ReadAll(conn)
	if err != nil {
		return err
	}
	var r reply
	if err := json.Unmarshal(text, &r); err != nil {
		return fmt.Errorf("the network ended before it answered: %w", err)
	}
	os.Stdout.Write(text)
	if r.Error != "" {
		return errors.New(r.Error)
	}
	return nil
}

// address of a port: nothing here ever listens on anything but the loopback interface.
func address(port int) string {
	return fmt.Sprintf("127.0.0.1:%d", port)
}

// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sort"
	"strings"

	"github.com/cosmos/cosmos-sdk/crypto/hd"
	"github.com/cosmos/cosmos-sdk/types/bech32"
	"github.com/cosmos/go-bip39"
)

// What the chain is. ufreeze is money like any other, meant for governance to disable in a test;
// the ibc denom looks like a voucher that came from another chain.
const (
	chainID   = "plimsoll-test-1"
	prefix    = "wasm"
	feeDenom  = "stake"
	gasPrice  = "0.001" + feeDenom
	ibcDenom  = "ibc/27394FB092D2ECCD56123C74F36E4C1F926001CEADA9CA97EA622B25F41E5EB2"
	balance   = "1000000000000000" // of each denom, for each account
	maxGas    = "100000000"        // of a block
	votingFor = 20                 // seconds; expedited: half
)

var denoms = []string{"uusdc", "uatom", "ufreeze", ibcDenom, feeDenom}

// Accounts with money: the same words and addresses on every run, worthless everywhere else.
var names = []string{
	"admin", "oracle", "alice", "bob", "carol", "dave",
	"erin", "frank", "grace", "heidi", "keeper", "mallory",
}

// network is what "up" prints.
type network struct {
	ChainID      string      `json:"chain_id"`
	Prefix       string      `json:"prefix"`
	HDPath       string      `json:"hd_path"`
	FeeDenom     string      `json:"fee_denom"`
	GasPrice     string      `json:"gas_price"`
	Denoms       []string    `json:"denoms"`
	VotingPeriod int         `json:"voting_period_s"`
	GovAccount   string      `json:"gov_account"`
	Control      string      `json:"control"`
	Dir          string      `json:"dir"`
	Wasmd        string      `json:"wasmd"`
	ReadyAfterMs int64       `json:"ready_after_ms"`
	Validators   []*node     `json:"validators"`
	Accounts     []*identity `json:"accounts"`
}

// identity is an account and the words that control it.
type identity struct {
	Name     string `json:"name"`
	Address  string `json:"address"`
	Mnemonic string `json:"mnemonic"`
}

// create makes a folder for each validator and the genesis that they share.
func create(wasmd, dir string, count, base int) (*network, error) {
	wasmd, err := filepath.Abs(wasmd)
	if err != nil {
		return nil, err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, err
	}
	if err := makeEmpty(dir); err != nil {
		return nil, err
	}
	govHash := sha256.Sum256([]byte("gov"))
	gov, err := bech32.ConvertAndEncode(prefix, govHash[:20])
	if err != nil {
		return nil, err
	}
	n := &network{
		ChainID: chainID, Prefix: prefix, HDPath: hd.CreateHDPath(118, 0, 0).String(),
		FeeDenom: feeDenom, GasPrice: gasPrice, Denoms: denoms, VotingPeriod: votingFor,
		GovAccount: gov, Control: address(base), Dir: dir, Wasmd: wasmd,
	}
	for _, name := range names {
		entropy := sha256.Sum256([]byte("Plimsoll test account " + name))
		words, err := bip39.NewMnemonic(entropy[:16])
		if err != nil {
			return nil, err
		}
		account, err := identify(name, words)
		if err != nil {
			return nil, err
		}
		n.Accounts = append(n.Accounts, account)
	}

	if _, err := output(wasmd, "testnet", "init-files", "--v", fmt.Sprint(count), "--output-dir", dir,
		"--node-daemon-home", "home", "--chain-id", chainID, "--keyring-backend", "test",
		"--starting-ip-address", "127.0.0.1", "--single-host",
		"--minimum-gas-prices", n.GasPrice, "--home", filepath.Join(dir, "unused")); err != nil {
		return nil, err
	}
	var peers []string
	for i := range count {
		v, err := describe(n, i, base+10*(i+1))
		if err != nil {
			return nil, err
		}
		n.Validators = append(n.Validators, v)
		peers = append(peers, v.ID+"@"+address(v.p2pPort))
	}
	genesis, err := makeGenesis(n)
	if err != nil {
		return nil, err
	}
	for _, v := range n.Validators {
		if err := v.configure(peers, genesis); err != nil {
			return nil, err
		}
	}
	return n, nil
}

// makeEmpty makes the folder; one that an earlier network left behind is emptied.
func makeEmpty(dir string) error {
	mark := filepath.Join(dir, "network.mark")
	if _, err := os.Stat(mark); err == nil {
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	found, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	if len(found) > 0 {
		return fmt.Errorf("%s is neither empty nor the folder of an earlier network", dir)
	}
	return os.WriteFile(mark, nil, 0o644)
}

// identify derives an account from its words.
func identify(name, words string) (*identity, error) {
	derived, err := hd.Secp256k1.Derive()(words, "", hd.CreateHDPath(118, 0, 0).String())
	if err != nil {
		return nil, err
	}
	key := hd.Secp256k1.Generate()(derived)
	address, err := bech32.ConvertAndEncode(prefix, key.PubKey().Address())
	if err != nil {
		return nil, err
	}
	return &identity{Name: name, Address: address, Mnemonic: words}, nil
}

// describe collects what init-files made for validator i.
func describe(n *network, i, port int) (*node, error) {
	name := fmt.Sprintf("node%d", i)
	v := &node{
		RPC: "http://" + address(port), Home: filepath.Join(n.Dir, name, "home"),
		Log: filepath.Join(n.Dir, name+".log"), wasmd: n.Wasmd, rpcPort: port, p2pPort: port + 1,
	}
	text, err := os.ReadFile(filepath.Join(v.Home, "key_seed.json"))
	if err != nil {
		return nil, err
	}
	var seed struct {
		Secret string `json:"secret"`
	}
	if err := json.Unmarshal(text, &seed); err != nil {
		return nil, err
	}
	account, err := identify(name, seed.Secret)
	if err != nil {
		return nil, err
	}
	v.identity = *account
	_, raw, err := bech32.DecodeAndConvert(account.Address)
	if err != nil {
		return nil, err
	}
	if v.Operator, err = bech32.ConvertAndEncode(prefix+"valoper", raw); err != nil {
		return nil, err
	}
	id, err := output(n.Wasmd, "comet", "show-node-id", "--home", v.Home)
	v.ID = strings.TrimSpace(id)
	return v, err
}

// makeGenesis gives the accounts their money and makes governance quick.
func makeGenesis(n *network) ([]byte, error) {
	text, err := os.ReadFile(filepath.Join(n.Validators[0].Home, "config", "genesis.json"))
	if err != nil {
		return nil, err
	}
	var genesis map[string]any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&genesis); err != nil {
		return nil, err
	}
	coin := func(denom, amount string) any {
		return map[string]any{"denom": denom, "amount": amount}
	}
	sorted := append([]string(nil), denoms...)
	sort.Strings(sorted)
	var coins []any
	for _, denom := range sorted {
		coins = append(coins, coin(denom, balance))
	}

	state := at(genesis, "app_state")
	auth, bank := at(state, "auth"), at(state, "bank")
	for _, account := range n.Accounts {
		auth["accounts"] = append(auth["accounts"].([]any), map[string]any{
			"@type": "/cosmos.auth.v1beta1.BaseAccount", "address": account.Address,
			"pub_key": nil, "account_number": "0", "sequence": "0",
		})
		bank["balances"] = append(bank["balances"].([]any),
			map[string]any{"address": account.Address, "coins": coins})
	}
	bank["supply"] = []any{} // the chain adds it up

	gov := at(state, "gov", "params")
	gov["voting_period"] = fmt.Sprintf("%ds", votingFor)
	gov["expedited_voting_period"] = fmt.Sprintf("%ds", votingFor/2)
	gov["min_deposit"] = []any{coin(feeDenom, "1000")}
	gov["expedited_min_deposit"] = []any{coin(feeDenom, "2000")}
	// A validator that a test stops for minutes is neither jailed nor slashed.
	at(state, "slashing", "params")["signed_blocks_window"] = "1000000"
	at(genesis, "consensus", "params", "block")["max_gas"] = maxGas
	return json.MarshalIndent(genesis, "", " ")
}

// at follows a path of keys; a genesis without it is none that this program knows.
func at(from map[string]any, path ...string) map[string]any {
	for _, key := range path {
		from = from[key].(map[string]any)
	}
	return from
}

// configure writes a validator's genesis and settings: it listens on the loopback interface only,
// knows its peers from the start and looks for no others.
func (v *node) configure(peers []string, genesis []byte) error {
	if err := os.WriteFile(filepath.Join(v.Home, "config", "genesis.json"), genesis, 0o644); err != nil {
		return err
	}
	if err := edit(filepath.Join(v.Home, "config", "config.toml"), []setting{
		{"", "log_format", `"plain"`},
		{"rpc", "laddr", quote("tcp://" + address(v.rpcPort))},
		{"rpc", "pprof_laddr", `""`},
		{"p2p", "laddr", quote("tcp://" + address(v.p2pPort))},
		{"p2p", "persistent_peers", quote(strings.Join(peers, ","))},
		{"p2p", "pex", "false"},
		{"p2p", "addr_book_strict", "false"},
		{"p2p", "allow_duplicate_ip", "true"},
		{"consensus", "timeout_propose", `"1s"`},
		{"consensus", "timeout_propose_delta", `"500ms"`},
		{"consensus", "timeout_prevote", `"500ms"`},
		{"consensus", "timeout_precommit", `"500ms"`},
		{"consensus", "timeout_commit", `"250ms"`},
		{"instrumentation", "prometheus", "false"},
	}); err != nil {
		return err
	}
	return edit(filepath.Join(v.Home, "config", "app.toml"), []setting{
		{"telemetry", "enabled", "false"},
		{"api", "enable", "false"},
		{"grpc", "enable", "false"},
		{"grpc-web", "enable", "false"},
	})
}

type setting struct{ section, key, value string }

// edit changes settings of a TOML file; each must be there already.
func edit(path string, settings []setting) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	lines := strings.Split(string(text), "\n")
	for _, s := range settings {
		section, found := "", false
		for i, line := range lines {
			if name := sectionLine.FindStringSubmatch(line); name != nil {
				section = name[1]
			}
			key, _, isSetting := strings.Cut(line, "=")
			if isSetting && section == s.section && strings.TrimSpace(key) == s.key {
				lines[i], found = s.key+" = "+s.value, true
			}
		}
		if !found {
			return fmt.Errorf("%s has no %s.%s", path, s.section, s.key)
		}
	}
	return os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o644)
}

var sectionLine = regexp.MustCompile(`^\[([a-z0-9_-]+)\]`)

func quote(text string) string { return `"` + text + `"` }

// output runs a program to its end and returns what it printed.
func output(program string, args ...string) (string, error) {
	command := exec.Command(program, args...)
	var problem bytes.Buffer
	command.Stderr = &problem
	text, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s", program, args[0], err, problem.String())
	}
	return string(text), nil
}

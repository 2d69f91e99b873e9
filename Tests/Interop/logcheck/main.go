// Checks what a node says about its log, with code that is not ours: Go's signed notes and Merkle trees.
//
//	logcheck policy POLICY CHECKPOINT          the log's signature, the cosignatures, and how many they are
//	logcheck proof POLICY ENTRY                the log's signature, and that the entry is in the tree
//	logcheck tiles POLICY OLD NEW FOLDER       that NEW continues OLD, by the tiles in FOLDER
//	logcheck evidence POLICY EVIDENCE          that the log has signed two histories
package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func fail(format string, args ...interface{}) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
	os.Exit(1)
}

func read(path string) []byte {
	data, err := os.ReadFile(path)
	if err != nil {
		fail("%v", err)
	}
	return data
}

func number(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || strconv.FormatInt(n, 10) != text {
		fail("%q is no number", text)
	}
	return n
}

func hash(text string) tlog.Hash {
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(data) != tlog.HashSize {
		fail("%q is no hash", text)
	}
	var h tlog.Hash
	copy(h[:], data)
	return h
}

// The key of a witness, and whether it has cosigned a note. x/mod knows signatures of type 1 only.
type witness struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func newWitness(vkey string) *witness {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		fail("%q is no verifier key", vkey)
	}
	key, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(key) != 33 || key[0] != 4 {
		fail("%q is no key of a witness", vkey)
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), key...))
	id := binary.BigEndian.Uint32(sum[:4])
	if fmt.Sprintf("%08x", id) != parts[1] {
		fail("%q has another key id", vkey)
	}
	return &witness{parts[0], id, key[1:]}
}

func (w *witness) Name() string    { return w.name }
func (w *witness) KeyHash() uint32 { return w.hash }
func (w *witness) Verify(text, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", binary.BigEndian.Uint64(sig), text)
	return ed25519.Verify(w.key, []byte(message), sig[8:])
}

type group struct {
	need    int
	members []string
}

type policy struct {
	log       note.Verifier
	witnesses map[string]*witness
	groups    map[string]group
	quorum    string
}

func readPolicy(path string) policy {
	p := policy{witnesses: map[string]*witness{}, groups: map[string]group{}}
	for _, line := range strings.Split(string(read(path)), "\n") {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		switch words[0] {
		case "log":
			v, err := note.NewVerifier(words[1])
			if err != nil {
				fail("%v", err)
			}
			p.log = v
		case "witness":
			p.witnesses[words[1]] = newWitness(words[2])
		case "group":
			g := group{members: words[3:]}
			switch words[2] {
			case "any":
				g.need = 1
			case "all":
				g.need = len(g.members)
			default:
				g.need = int(number(words[2]))
			}
			p.groups[words[1]] = g
		case "quorum":
			p.quorum = words[1]
		default:
			fail("%q is no line of a policy", line)
		}
	}
	return p
}

// Whether somebody named in the policy has agreed, given who has cosigned.
func (p policy) agrees(name string, cosigned map[string]bool) bool {
	if name == "none" {
		return true
	}
	g, ok := p.groups[name]
	if !ok {
		return cosigned[name]
	}
	n := 0
	for _, member := range g.members {
		if p.agrees(member, cosigned) {
			n++
		}
	}
	return n >= g.need
}

// Opens a checkpoint: the log must have signed, and no line of a known key may be wrong.
func (p policy) open(data []byte) (tlog.Tree, map[string]bool) {
	verifiers := []note.Verifier{p.log}
	for _, w := range p.witnesses {
		verifiers = append(verifiers, w)
	}
	n, err := note.Open(data, note.VerifierList(verifiers...))
	if err != nil {
		fail("%v", err)
	}
	isSigned, cosigned := false, map[string]bool{}
	for _, sig := range n.Sigs {
		if sig.Name == p.log.Name() && sig.Hash == p.log.KeyHash() {
			isSigned = true
		}
		for name, w := range p.witnesses {
			if sig.Name == w.name && sig.Hash == w.hash {
				cosigned[name] = true
			}
		}
	}
	if !isSigned {
		fail("the log has not signed")
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) < 4 || lines[0] != p.log.Name() {
		fail("the checkpoint is of another log")
	}
	return tlog.Tree{N: number(lines[1]), Hash: hash(lines[2])}, cosigned
}

func (p policy) require(data []byte) tlog.Tree {
	tree, cosigned := p.open(data)
	if !p.agrees(p.quorum, cosigned) {
		fail("%d cosignatures are not enough", len(cosigned))
	}
	fmt.Printf("size %d cosigned by %d\n", tree.N, len(cosigned))
	return tree
}

// Tiles of C2SP tlog-tiles in a folder, for x/mod's own reader of tiles.
type folder string

func (f folder) Height() int                                { return 8 }
func (f folder) SaveTiles(tiles []tlog.Tile, data [][]byte) {}
func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		// x/mod writes the height as well: tile/8/L/N.
		path := "tile/" + strings.TrimPrefix(tile.Path(), "tile/8/")
		data, err := os.ReadFile(filepath.Join(string(f), path))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

type evidence struct {
	Format, First, Second, OtherRoot string
	Proof                            []string
}

func main() {
	if len(os.Args) < 4 {
		fail("logcheck policy|proof|tiles|evidence …")
	}
	args := os.Args[2:]
	switch os.Args[1] {
	case "policy":
		readPolicy(args[0]).require(read(args[1]))
	case "proof":
		checkProof(readPolicy(args[0]), args[1])
	case "tiles":
		p := readPolicy(args[0])
		old, new := p.require(read(args[1])), p.require(read(args[2]))
		reader := tlog.TileHashReader(new, folder(args[3]))
		proof, err := tlog.ProveTree(new.N, old.N, reader)
		if err != nil {
			fail("%v", err)
		}
		if err := tlog.CheckTree(proof, new.N, new.Hash, old.N, old.Hash); err != nil {
			fail("%v", err)
		}
		for i := int64(0); i < new.N; i += 1 + new.N/50 {
			leaf, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, i)})
			if err != nil {
				fail("%v", err)
			}
			record, err := tlog.ProveRecord(new.N, i, reader)
			if err != nil {
				fail("%v", err)
			}
			if err := tlog.CheckRecord(record, new.N, new.Hash, i, leaf[0]); err != nil {
				fail("%v", err)
			}
		}
		fmt.Println("consistent")
	case "evidence":
		p := readPolicy(args[0])
		var e evidence
		if err := json.Unmarshal(read(args[1]), &e); err != nil {
			fail("%v", err)
		}
		if e.Format != "peerchart-split-view-1" {
			fail("this is no evidence")
		}
		first, _ := p.open([]byte(e.First))
		second, _ := p.open([]byte(e.Second))
		if first.N == second.N {
			if first.Hash == second.Hash {
				fail("the two are one")
			}
		} else {
			if e.OtherRoot == "" {
				fail("nothing is proven")
			}
			other := hash(e.OtherRoot)
			if other == first.Hash {
				fail("the two are one history")
			}
			var proof tlog.TreeProof
			for _, text := range e.Proof {
				proof = append(proof, hash(text))
			}
			if err := tlog.CheckTree(proof, second.N, second.Hash, first.N, other); err != nil {
				fail("%v", err)
			}
		}
		fmt.Println("two histories")
	default:
		fail("no such check")
	}
}

// Checks what `audit prove` gives (docs/format/proof.md): blocks of lines between empty lines. The second to the fourth
// are a tlog-proof of salt and event.
func checkProof(p policy, path string) {
	blocks := strings.Split(strings.TrimSuffix(string(read(path)), "\n"), "\n\n")
	if len(blocks) < 4 || len(blocks)%4 != 0 || !strings.HasPrefix(blocks[0], "peerchart.proof/v1\n") {
		fail("this is no proof")
	}
	tree, _ := p.open([]byte(blocks[2] + "\n\n" + blocks[3] + "\n"))
	lines := strings.Split(blocks[1], "\n")
	if len(lines) < 3 || lines[0] != "c2sp.org/tlog-proof@v1" || !strings.HasPrefix(lines[1], "extra ") ||
		!strings.HasPrefix(lines[2], "index ") {
		fail("this is no proof of an entry")
	}
	entry, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[1], "extra "))
	if err != nil {
		fail("%v", err)
	}
	index := number(strings.TrimPrefix(lines[2], "index "))
	var proof tlog.RecordProof
	for _, line := range lines[3:] {
		proof = append(proof, hash(line))
	}
	// The leaf's data is the commitment to salt and event (docs/format/audit-entry.md).
	commitment := sha256.Sum256(append([]byte("peerchart audit entry v1\n"), entry...))
	leaf := tlog.RecordHash(commitment[:])
	if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, leaf); err != nil {
		fail("%v", err)
	}
	fmt.Printf("entry %d\n", index)
}

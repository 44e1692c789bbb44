// rapidsnark's own time for a proof, for the benchmark of the prover: rapidsnark-bench KEY.zkey WITNESS.wtns PROOF.json PUBLIC.json
// Called as rapidsnark's command is; RUNS in the environment says how many proofs it makes and times.
//
// The library is the one that iden3 publishes, built, with its Go module (fetched by Go, no part of zkonnx). The module's own function reads the
// key anew for each proof; the library's does not have to, and that is what is measured: the key is read and its prover made once, then
// each run is one call from the bytes of the witness to the text of the proof.
package main

/*
#include <stdlib.h>
int groth16_prover_create(void **prover, const void *key, unsigned long long key_size, char *error, unsigned long long error_size);
int groth16_prover_prove(void *prover, const void *witness, unsigned long long witness_size, char *proof, unsigned long long *proof_size,
                         char *public_values, unsigned long long *public_size, char *error, unsigned long long error_size);
void groth16_prover_destroy(void *prover);
*/
import "C"

import (
	"fmt"
	"os"
	"strconv"
	"time"
	"unsafe"

	_ "github.com/iden3/go-rapidsnark/prover" // links the library
)

const (
	errorSize = 4096
	textSize  = 1 << 20
)

func fail(message string) {
	fmt.Fprintln(os.Stderr, message)
	os.Exit(1)
}

// Bytes of a file where C may keep them.
func load(path string) (unsafe.Pointer, C.ulonglong) {
	bytes, err := os.ReadFile(path)
	if err != nil {
		fail(err.Error())
	}
	return C.CBytes(bytes), C.ulonglong(len(bytes))
}

func main() {
	if len(os.Args) != 5 {
		fail("usage: rapidsnark-bench KEY.zkey WITNESS.wtns PROOF.json PUBLIC.json")
	}
	runs, err := strconv.Atoi(os.Getenv("RUNS"))
	if err != nil {
		runs = 1
	}
	key, keySize := load(os.Args[1])
	witness, witnessSize := load(os.Args[2])
	message := (*C.char)(C.calloc(1, errorSize))
	proof, public := (*C.char)(C.calloc(1, textSize)), (*C.char)(C.calloc(1, textSize))
	var prover unsafe.Pointer
	if C.groth16_prover_create(&prover, key, keySize, message, errorSize) != 0 {
		fail(C.GoString(message))
	}
	for run := 0; run < runs; run++ {
		proofSize, publicSize := C.ulonglong(textSize), C.ulonglong(textSize)
		start := time.Now()
		status := C.groth16_prover_prove(prover, witness, witnessSize, proof, &proofSize, public, &publicSize, message, errorSize)
		elapsed := time.Since(start)
		if status != 0 {
			fail(C.GoString(message))
		}
		fmt.Printf("proved in %.3f ms\n", float64(elapsed.Nanoseconds())/1e6)
	}
	C.groth16_prover_destroy(prover)
	for path, text := range map[string]*C.char{os.Args[3]: proof, os.Args[4]: public} {
		if err := os.WriteFile(path, []byte(C.GoString(text)), 0o644); err != nil {
			fail(err.Error())
		}
	}
}

package traces

import (
	"os"
	"testing"
)

// BenchmarkRead reads the file that BENCH_TRACES names.
func BenchmarkRead(b *testing.B) {
	name := os.Getenv("BENCH_TRACES")
	if name == "" {
		b.Skip("BENCH_TRACES names no file")
	}
	info, err := os.Stat(name)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(info.Size())
	for b.Loop() {
		if _, err := Read([]Input{FileInput(name, name)}, nil); err != nil {
			b.Fatal(err)
		}
	}
}

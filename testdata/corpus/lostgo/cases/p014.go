package cases

import (
	"context"
	"log"
)

type p014Disk interface {
	Bucket() string
}

type P014 struct {
	freeze func(ctx context.Context) (interface {
		Upload(ctx context.Context, to p014Disk, name string) error
	}, error)
	disk p014Disk
}

// Snapshot uploads in the background what it has made.
func (p *P014) Snapshot(ctx context.Context, name string) error {
	snap, err := p.freeze(ctx)
	if err != nil {
		return err
	}
	go func() { // want `goroutine loses ctx: context.Background\(\) is passed to snap.Upload`
		err := snap.Upload(context.Background(), p.disk, name)
		if err != nil {
			log.Printf("upload %s: %v", name, err)

			return
		}
	}()
	return nil
}

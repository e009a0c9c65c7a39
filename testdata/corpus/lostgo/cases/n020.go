package cases

import (
	"context"
	"log"
	"net"
	"net/http"
)

type n020Server interface {
	Serve(l net.Listener) error
}

type N020 struct {
	rpc      n020Server
	web      *http.Server
	settings interface {
		Subscribe(updates chan<- string)
		Apply(ctx context.Context, s string) error
	}
}

// Run starts what serves. Silent: servers and watchers work for nobody in
// particular.
func (n *N020) Run(ctx context.Context, rpc, web net.Listener) {
	go func() { n.check("rpc", n.rpc.Serve(rpc)) }()
	go func() { n.check("web", n.web.Serve(web)) }()
	go n.watchSettings()
	<-ctx.Done()
}

func (n *N020) check(name string, err error) {
	if err != nil {
		log.Fatalf("%s: %v", name, err)
	}
}

func (n *N020) watchSettings() {
	updates := make(chan string, 1)
	n.settings.Subscribe(updates)
	for {
		s := <-updates
		if err := n.settings.Apply(context.Background(), s); err != nil {
			break
		}
	}
}

package cases

import "context"

type p010Room struct{ name string }

type p010Job struct {
	kind string
	room *p010Room
}

type P010 struct {
	rooms interface {
		Create(ctx context.Context, name string) (*p010Room, bool, error)
		Open(ctx context.Context, r *p010Room) (func(), error)
	}
	agents interface {
		Launch(ctx context.Context, job *p010Job)
	}
}

// CreateRoom starts a job for a new room by a go statement with a call: the
// other argument is built before the goroutine starts.
func (p *P010) CreateRoom(ctx context.Context, name string) (*p010Room, error) {
	room, created, err := p.rooms.Create(ctx, name)
	if err != nil {
		return nil, err
	}
	done, err := p.rooms.Open(ctx, room)
	if err != nil {
		return nil, err
	}
	defer done()
	if created {
		go p.agents.Launch(context.Background(), &p010Job{ // want `goroutine loses ctx: context.Background\(\) is passed to p.agents.Launch`
			kind: "room",
			room: room,
		})
	}
	return room, nil
}

// Package gives has calls whose fix must not end what they give under its user, nor what is
// done because a context has ended.
package gives

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"time"

	"example.com/corpus/lostgo/errgroup"
)

type service struct {
	db    *sql.DB
	c     *http.Client
	queue chan *http.Request
	last  *http.Request
	byID  map[string]*http.Request
	list  []*http.Request
	send  func() error
}

type user struct {
	Name sql.NullString
	Meta map[string]any
}

// Plain use: the context in scope.

func (s *service) find(ctx context.Context, id string) (*user, error) {
	u := new(user)
	return u, s.db.QueryRow("select name", id).Scan(&u.Name) // want `call loses ctx`
}

func (s *service) fetch(ctx context.Context, url string) (*user, error) {
	req, err := http.NewRequest("GET", url, nil) // want `call loses ctx`
	if err != nil {
		return nil, err
	}
	resp, err := s.c.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	u := new(user)
	return u, json.NewDecoder(resp.Body).Decode(u)
}

func (s *service) request(ctx context.Context, url string) (*http.Request, error) {
	return http.NewRequest("GET", url, nil) // want `call loses ctx`
}

func (s *service) ping(ctx context.Context, url string) error {
	req, err := s.request(ctx, url)
	if err != nil {
		return err
	}
	return s.do(req)
}

func (s *service) do(req *http.Request) error {
	resp, err := s.c.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

func (s *service) helped(ctx context.Context, url string) error {
	req, err := http.NewRequest("GET", url, nil) // want `call loses ctx`
	if err != nil {
		return err
	}
	return s.do(req)
}

// What gets to others, or is used later.

func (s *service) keeps(ctx context.Context, url string) (err error) {
	s.last, err = http.NewRequest("GET", url, nil) // want `call loses ctx`
	return err
}

func (s *service) sends(ctx context.Context, url string) {
	req, _ := http.NewRequest("GET", url, nil) // want `call loses ctx`
	s.queue <- req
}

func (s *service) maps(ctx context.Context, url string) {
	req, _ := http.NewRequest("GET", url, nil) // want `call loses ctx`
	s.byID[url] = req
}

func (s *service) appends(ctx context.Context, url string) {
	req, _ := http.NewRequest("GET", url, nil) // want `call loses ctx`
	s.list = append(s.list, req)
}

func (s *service) closes(ctx context.Context, url string) {
	req, _ := http.NewRequest("GET", url, nil) // want `call loses ctx`
	s.send = func() error { return s.do(req) }
}

func (s *service) starts(ctx context.Context, url string) {
	req, _ := http.NewRequest("GET", url, nil) // want `call loses ctx`
	go s.do(req)
}

func (s *service) hands(ctx context.Context, url string) {
	req, _ := http.NewRequest("GET", url, nil) // want `call loses ctx`
	s.enqueue(req)
}

func (s *service) enqueue(req *http.Request) { s.queue <- req }

func (s *service) built(ctx context.Context, url string) (*http.Request, error) {
	return http.NewRequest("GET", url, nil) // want `call loses ctx`
}

func (s *service) short(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	req, err := s.built(ctx, url)
	cancel()
	if err != nil {
		return err
	}
	return s.do(req)
}

func (s *service) scans(ctx context.Context, url string) (*bufio.Scanner, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	s.db.PingContext(ctx)
	req, err := http.NewRequest("GET", url, nil) // want `call loses ctx`
	if err != nil {
		return nil, err
	}
	resp, err := s.c.Do(req)
	if err != nil {
		return nil, err
	}
	return bufio.NewScanner(resp.Body), nil
}

type lines struct{ r *bufio.Reader }

func newLines(resp *http.Response) *lines { return &lines{bufio.NewReader(resp.Body)} }

func (s *service) wraps(ctx context.Context, url string) (*lines, error) {
	req, err := http.NewRequest("GET", url, nil) // want `call loses ctx`
	if err != nil {
		return nil, err
	}
	resp, err := s.c.Do(req)
	return newLines(resp), err
}

// Canceled before its end.

func (s *service) canceled(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	tx, err := s.db.Begin() // want `call loses ctx`
	if err != nil {
		return err
	}
	s.db.PingContext(ctx)
	cancel()
	return tx.Commit()
}

func (s *service) deferred(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	tx, err := s.db.Begin() // want `call loses ctx`
	if err != nil {
		cancel()
		return err
	}
	defer tx.Commit()
	defer cancel()
	return s.db.PingContext(ctx)
}

func (s *service) inLiteral(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	tx, err := s.db.Begin() // want `call loses ctx`
	if err != nil {
		cancel()
		return err
	}
	func() {
		defer cancel()
		s.db.PingContext(ctx)
	}()
	return tx.Commit()
}

func (s *service) rightOrder(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	tx, err := s.db.Begin() // want `call loses ctx`
	if err != nil {
		return err
	}
	defer tx.Rollback()
	s.db.PingContext(ctx)
	return tx.Commit()
}

// What is done because a context has ended.

func (s *service) fails(ctx context.Context, id string) error {
	err := s.db.PingContext(ctx)
	if err != nil {
		s.db.Exec("insert into failed", id) // want `call loses ctx`
		return err
	}
	_, err = s.db.Exec("insert into done", id) // want `call loses ctx`
	return err
}

func (s *service) over(ctx context.Context, id string) error {
	err := s.work(id)
	if errors.Is(err, context.DeadlineExceeded) {
		s.db.Exec("insert into late", id) // want `call loses ctx`
	}
	return err
}

func (s *service) work(id string) error { return errors.New(id) }

func (s *service) behind(ctx context.Context, id string) {
	select {
	case <-ctx.Done():
	case <-time.After(time.Second):
		s.db.Exec("insert into done", id) // want `call loses ctx`
	}
	s.db.Exec("insert into seen", id) // want `call loses ctx`
}

// Of two contexts the first, and of one that only ends earlier, and has its use, the other.

func (s *service) two(ctx, life context.Context) {
	s.db.Exec("insert into seen") // want `call loses ctx`
}

func (s *service) step(ctx context.Context) error {
	short, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	if err := s.db.PingContext(short); err != nil {
		return err
	}
	_, err := s.db.Exec("insert into seen") // want `call loses ctx`
	return err
}

func (s *service) unused(ctx context.Context) error {
	short, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	_ = short.Err()
	_, err := s.db.Exec("insert into seen") // want `call loses short`
	return err
}

// One answer of several is waited for, and the others are canceled.
func (s *service) first(ctx context.Context, urls []string) string {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	out := make(chan string)
	var wg sync.WaitGroup
	for _, url := range urls {
		wg.Add(1)
		go func() {
			defer wg.Done()
			s.db.PingContext(ctx)
			select {
			case out <- url:
			case <-ctx.Done():
			}
		}()
	}
	got := <-out
	cancel()
	wg.Wait()
	s.db.Exec("insert into first", got) // want `call loses ctx`
	return got
}

// What is made to wait for one thing, or for the tasks of a group, is not for the rest.

func (s *service) waited(ctx context.Context, locks chan struct{}) error {
	short, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	if !acquire(short, locks) {
		return context.Cause(short)
	}
	_, err := s.db.Exec("insert into seen") // want `call loses ctx`
	return err
}

func acquire(ctx context.Context, locks chan struct{}) bool {
	select {
	case locks <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

func (s *service) meanwhile(ctx context.Context) error {
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		_, err := s.db.Exec("in the group") // lostgo's
		return errors.Join(err, s.attempt(gctx, "a"))
	})
	_, _ = s.db.Exec("meanwhile") // want `call loses ctx`
	return g.Wait()
}

func (s *service) asked(w http.ResponseWriter, r *http.Request) {
	short, cancel := context.WithTimeout(r.Context(), time.Second)
	defer cancel()
	_ = s.attempt(short, "a")
	_, _ = s.db.Exec("b") // want `call loses r.Context\(\)`
	_ = s.attempt(r.Context(), "c")
}

func (s *service) askedOnce(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), time.Second)
	defer cancel()
	_ = s.attempt(ctx, "a")
	_, _ = s.db.Exec("b") // want `call loses ctx`
}

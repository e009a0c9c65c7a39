package found

import (
	"context"

	"example.com/corpus/lostgo/web"
)

// A handle that lasts is used without the context that is in scope. The package gives it
// one elsewhere.
type accounts struct {
	db     *web.DB
	mailer *web.Mailer
}

func openAccounts() (*accounts, error) {
	db, err := web.OpenDB("accounts")
	return &accounts{db: db}, err
}

func (a *accounts) find(ctx context.Context, id string) error {
	return a.db.WithContext(ctx).Where(id).First(new(accounts)).Error
}

func (a *accounts) create(ctx context.Context, id string) error {
	return a.db.Create(id).Error // want `call loses ctx: web.\(\*DB\).Create works with a.db, which has no context; add .WithContext\(ctx\) to the chain`
}

func (a *accounts) load(ctx context.Context, id string) error {
	if got := a.db.Where(id).First(new(accounts)); got.Error != nil { // want `web.\(\*DB\).First works with a.db`
		return got.Error
	}
	return nil
}

func (a *accounts) move(ctx context.Context, id string) error {
	return a.db.Transaction(func(tx *web.DB) error { // want `web.\(\*DB\).Transaction works with a.db`
		return tx.Create(id).Error // it has what the transaction has
	})
}

func (a *accounts) drop(ctx context.Context, id string) {
	a.db. // want `web.\(\*DB\).Create works with a.db`
		Where(id).
		Create("dropped")
}

// What is built from it may get a context later, and a handle that is given to a function
// may have one.
func (a *accounts) query(ctx context.Context, id string) *web.DB { return a.db.Where(id) }

func (a *accounts) page(ctx context.Context, id string) error {
	q := a.db.Where(id)
	if id != "" {
		q = q.Where("more")
	}
	return q.WithContext(ctx).First(new(accounts)).Error
}

func createIn(ctx context.Context, tx *web.DB, id string) error { return tx.Create(id).Error }

func (a *accounts) size(ctx context.Context) (int, error) { return a.db.Pool() }

func (a *accounts) createAlone(id string) error { return a.db.Create(id).Error }

// The package gives a mailer no context anywhere: it may not want to.
func (a *accounts) mail(ctx context.Context, to string) error { return a.mailer.Send(to) }

// One that is made for a transaction has what that has.
type unitOfWork struct{ tx *web.DB }

func (a *accounts) within(ctx context.Context) error {
	return a.db.WithContext(ctx).Transaction(func(tx *web.DB) error {
		u := &unitOfWork{tx: tx}
		return u.save(ctx, "id")
	})
}

func (u *unitOfWork) save(ctx context.Context, id string) error { return u.tx.Create(id).Error }

// So has what a method copies for it.
type orders struct{ db *web.DB }

func (o *orders) withTx(tx *web.DB) *orders { return &orders{db: tx} }

func (o *orders) save(ctx context.Context, id string) error { return o.db.Create(id).Error }

// A context in an option counts as well.

type books struct{ ledger *web.Ledger }

func openBooks() *books { return &books{ledger: new(web.Ledger)} }

func (b *books) enter(ctx context.Context, id string) {
	b.ledger.Session(&web.LedgerOptions{Context: ctx}).Create(id)
	b.ledger.Create(id) // want `web.\(\*Ledger\).Create works with b.ledger`
}

// What a transaction does is given the context: its begin alone is not.

func (a *accounts) givesInside(ctx context.Context, id string) error {
	return a.db.Transaction(func(tx *web.DB) error {
		if err := tx.WithContext(ctx).Where(id).Create(id).Error; err != nil {
			return err
		}
		return prune(ctx, tx, id)
	})
}

func (a *accounts) givesInChain(ctx context.Context, id string) error {
	return a.db.Transaction(func(tx *web.DB) error { return tx.Where(id).WithContext(ctx).Create(id).Error })
}

func (a *accounts) givesOnce(ctx context.Context, id string) error {
	return a.db.Transaction(func(tx *web.DB) error { // want `call loses ctx: web.\(\*DB\).Transaction works with a.db`
		if err := tx.Create(id).Error; err != nil {
			return err
		}
		return tx.WithContext(ctx).Create(id).Error
	})
}

func prune(ctx context.Context, tx *web.DB, id string) error {
	return tx.WithContext(ctx).Create(id).Error
}

// A chain may go on in a variable.
func (a *accounts) list(ctx context.Context, id string, open bool) error {
	q := a.db.Where(id)
	if open {
		q = q.Where("open")
	}
	if err := q.First(new(accounts)).Error; err != nil { // want `web.\(\*DB\).First works with q, which has no context`
		return err
	}
	return q.Where("closed").First(new(accounts)).Error // want `web.\(\*DB\).First works with q`
}

func (a *accounts) listed(ctx context.Context, id string) error {
	q := a.db.WithContext(ctx)
	q = q.Where(id)
	return q.First(new(accounts)).Error
}

// A transaction that is begun has what the handle has.
func (a *accounts) both(ctx context.Context, id string) error {
	tx := a.db.Begin() // want `web.\(\*DB\).Begin works with a.db, which has no context; add .WithContext\(ctx\) to the chain`
	defer tx.Rollback()
	if err := tx.Create(id).Error; err != nil {
		return err
	}
	return tx.Commit().Error
}

func (a *accounts) bothRight(ctx context.Context, id string) error {
	tx := a.db.WithContext(ctx).Begin()
	defer tx.Rollback()
	tx.Create(id)
	return tx.Commit().Error
}

// A part of it is asked for, and nothing is done.
func (a *accounts) part(ctx context.Context) *web.DB {
	debug := a.db.Debug()
	return debug
}

// A helper that takes no context may have the chain.
func (a *accounts) remember(id string) error { return a.db.Create(id).Error }

func (a *accounts) visit(ctx context.Context, id string) error {
	if err := a.find(ctx, id); err != nil {
		return err
	}
	return a.remember(id) // want `call loses ctx: web.\(\*DB\).Create works with a.db, which has no context; add a context parameter to found.\(\*accounts\).remember and pass ctx`
}

func (a *accounts) visitAgain(ctx context.Context, id string) error { return a.remember(id) }

// A handle that it is given may have one.
func rememberIn(tx *web.DB, id string) error { return tx.Create(id).Error }

func (a *accounts) visitIn(ctx context.Context, id string) error {
	return rememberIn(a.db.WithContext(ctx), id)
}

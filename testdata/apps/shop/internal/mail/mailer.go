package mail

import (
	"context"
	"log/slog"

	"go.opentelemetry.io/otel"

	"example.com/shop/internal/store"
)

var tracer = otel.Tracer("example.com/shop/internal/mail")

// Message is a mail to a customer.
type Message struct{ To, Subject string }

// Mailer hands messages to the relay, which for this shop is a table.
type Mailer struct{ store *store.Store }

// NewMailer returns a mailer.
func NewMailer(s *store.Store) *Mailer { return &Mailer{store: s} }

// Deliver sends one message.
func (m *Mailer) Deliver(ctx context.Context, msg Message) error {
	ctx, span := tracer.Start(ctx, "mail.deliver")
	defer span.End()
	slog.DebugContext(ctx, "mail", "to", msg.To, "subject", msg.Subject)
	return m.store.InsertMail(ctx, msg.To, msg.Subject)
}

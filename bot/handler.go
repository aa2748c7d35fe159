package bot

import (
	"context"

	"goalkeeper/conversation"
)

// Handler is the conversation as the adapters see it. An Answer is always fit to be shown. An error says that
// nothing was saved: a delivery whose platform repeats it must then not be acknowledged.
type Handler interface {
	Handle(ctx context.Context, in conversation.Input) (conversation.Answer, error)
}

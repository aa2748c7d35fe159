package teams

import (
	"context"

	"goalkeeper/conversation"
	"goalkeeper/conversation/card"
	"goalkeeper/goal"
)

// draw renders for a place, and logs what was lost without a word of the card.
func (f *Face) draw(ctx context.Context, c card.Card, language, key string, to conversation.Address) Adaptive {
	native, losses := render(f.withPeople(ctx, c, to), language, key)
	for _, loss := range losses {
		f.log.WarnContext(ctx, "teams: card not shown as meant", "kind", c.Kind, "loss", string(loss))
	}
	return native
}

// withPeople offers the members of the place, and whoever is chosen already, in fields for a person that
// offer nobody: clients without a people picker show these.
func (f *Face) withPeople(ctx context.Context, c card.Card, to conversation.Address) card.Card {
	if c.Form == nil {
		return c
	}
	ctx, cancel := context.WithTimeout(ctx, peopleTime)
	defer cancel()
	form := *c.Form
	form.Fields = append([]card.Field(nil), c.Form.Fields...)
	var offered []card.Option
	asked := false
	for n, field := range form.Fields {
		if field.Kind != card.Person || len(field.Options) > 0 {
			continue
		}
		if !asked {
			offered, asked = f.offered(ctx, to), true
		}
		form.Fields[n].Options = f.withChosen(ctx, offered, field.Value)
	}
	c.Form = &form
	return c
}

// offered are people of the place: of the channel, else of a team that the person shares with the bot.
func (f *Face) offered(ctx context.Context, to conversation.Address) []card.Option {
	place := string(to.Channel)
	if place == "" {
		var teams []string
		if ok, err := f.book.recall(ctx, teamsKey, &teams); !ok || err != nil || len(teams) == 0 {
			return nil
		}
		place = teams[0]
		if is, err := f.IsMember(ctx, f.workspace, goal.ChannelID(place), to.Person); err != nil || !is {
			return nil
		}
	}
	c, ok, err := f.book.place(ctx, place)
	if err != nil || !ok || c.Removed {
		return nil
	}
	members, err := f.page(ctx, c.Service, place, "")
	if err != nil || len(members.Members) >= card.MaxOptions {
		return nil // too many to list: everybody can be searched
	}
	var options []card.Option
	for _, m := range members.Members {
		if id := m.person(); id != "" && m.Name != "" {
			options = append(options, card.Option{Value: string(id), Label: m.Name})
		}
	}
	return options
}

func (f *Face) withChosen(ctx context.Context, offered []card.Option, chosen string) []card.Option {
	for _, o := range offered {
		if o.Value == chosen {
			return offered
		}
	}
	if chosen == "" {
		return offered
	}
	p, err := f.Person(ctx, f.workspace, goal.PersonID(chosen))
	if err != nil || p.Name == "" {
		return offered
	}
	return append([]card.Option{{Value: chosen, Label: p.Name}}, offered...)
}

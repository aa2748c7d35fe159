package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"goalkeeper/conversation"
	"goalkeeper/goal"
	"goalkeeper/scheduler"
	"goalkeeper/storage"
)

func init() { helpers["neighbour"] = neighbour }

// tuesday is when the digest is due: 10:00 in Ho Chi Minh City.
var tuesday = time.Date(2026, 12, 1, 3, 0, 0, 0, time.UTC)

// runQ makes the digest of one channel with 10,000 goals, while another client asks for little things.
func runQ(ctx context.Context, b *bench) ([]figure, error) {
	server, store, err := b.openStore(ctx)
	if err != nil {
		return nil, err
	}
	defer server.stop()
	defer store.Close()
	plain := redis.NewClient(&redis.Options{Addr: server.addr})
	defer plain.Close()
	keys, channel, err := b.crowdedRoom(ctx, store)
	if err != nil {
		return nil, err
	}
	ours, theirs, err := b.interleave(ctx, "q", b.digest(server, store, channel), readAlone(plain, keys))
	if err != nil {
		return nil, err
	}
	idle, err := b.repeat(ctx, "q", b.alongside(server, func(context.Context) error { time.Sleep(time.Second / 2); return nil }))
	if err != nil {
		return nil, err
	}
	return []figure{
		{what: "load, decide and save ÷ MGET by 500 of the same documents, undecoded", samples: ratios(ours.column(0), theirs.column(0)),
			least: atMost(6), aim: atMost(2.5)},
		{what: "longest wait of another client meanwhile", unit: " ms", samples: ours.column(1), least: atMost(10), aim: atMost(5),
			note: "The other client is a process of its own on the same cores, with one GET every half millisecond: it waits for the cores as well."},
		{what: "the same client's longest wait in half a second in which nothing else is asked", unit: " ms", samples: idle.column(1)},
		{what: "the digest", unit: " ms", samples: scaled(ours.column(0), 1000)},
	}, nil
}

// crowdedRoom moves a town into one channel, whose digest is on.
func (b *bench) crowdedRoom(ctx context.Context, store *storage.Store) (keys []string, channel goal.ChannelID, err error) {
	goals := b.someGoals(b.size(10_000, 100))
	town := settle(slackTown, len(goals)/goalsEach+1, b.seed)
	channel = slackTown.channel(0)
	for _, r := range town.records {
		g, ok := r.(*conversation.Goal)
		if ok {
			g.Channel, g.Parent = channel, ""
			keys = append(keys, fmt.Sprintf("gk:{%s}:goal:%s", bureau, g.ID))
		}
		if c, ok := r.(*conversation.Channel); ok && c.ID == channel {
			c.AsOf = tuesday.Add(-time.Hour)
			c.Digest = conversation.DigestPlan{On: true, Weekday: time.Tuesday, Hour: "10:00", Zone: "Asia/Ho_Chi_Minh", Language: "en", Since: monday.AddDate(0, 0, -30)}
		}
		if p, ok := r.(*conversation.Person); ok {
			p.AsOf = tuesday.Add(-time.Hour)
		}
	}
	return keys, channel, town.moveIn(ctx, store)
}

// digest is seconds for making the digest up to its being saved, and the other client's longest wait.
func (b *bench) digest(server *server, store *storage.Store, channel goal.ChannelID) side {
	return func(ctx context.Context, round int) (values, error) {
		var log complaints
		scratch := &forgetful{Store: store}
		service := conversation.Service{
			Records: scratch, History: store, Timers: scratch, Calendar: scheduler.Calendar{}, Directory: nobody{},
			Now: func() time.Time { return tuesday }, Log: log.logger(),
		}
		v, err := b.alongside(server, func(ctx context.Context) error {
			timer := conversation.Timer{Workspace: bureau, Kind: conversation.DigestTimer, Subject: string(channel), At: tuesday}
			return service.Due(ctx, []conversation.Timer{timer}, tuesday)[0].Err
		})(ctx, round)
		if err == nil && scratch.posted == 0 {
			err = errors.New("there was no digest")
		}
		return v, errors.Join(err, log.err())
	}
}

// forgetful reads from the store and saves what it learns of people alone, so that each round has a digest to make.
type forgetful struct {
	*storage.Store
	posted int
}

// Commit leaves out the message and the channel.
func (f *forgetful) Commit(ctx context.Context, ws conversation.Workspace, c conversation.Commit) error {
	for _, r := range c.Write {
		if _, ok := r.(*conversation.Message); ok {
			f.posted++
		}
	}
	kept := slices.DeleteFunc(slices.Clone(c.Write), func(r conversation.Record) bool { return r.Ref().Kind != conversation.PersonKind })
	c.Write = kept
	return f.Store.Commit(ctx, ws, c)
}

// Arm does nothing.
func (f *forgetful) Arm(context.Context, ...conversation.Timer) error { return nil }

// readAlone is seconds for reading all documents without looking at them.
func readAlone(client *redis.Client, keys []string) side {
	return func(ctx context.Context, _ int) (values, error) {
		return timed(func() error {
			for some := range slices.Chunk(keys, 500) {
				if err := client.MGet(ctx, some...).Err(); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

// alongside does something while another client asks, and gives its seconds and that client's longest wait in ms.
func (b *bench) alongside(server *server, do func(context.Context) error) side {
	return func(ctx context.Context, _ int) (values, error) {
		self, err := os.Executable()
		if err != nil {
			return nil, err
		}
		cmd := exec.CommandContext(ctx, self, "neighbour", server.addr) //nolint:gosec // ourselves
		in, err1 := cmd.StdinPipe()
		out, err2 := cmd.StdoutPipe()
		if err := errors.Join(err1, err2, cmd.Start()); err != nil {
			return nil, err
		}
		lines := bufio.NewReader(out)
		if _, err := lines.ReadString('\n'); err != nil { // it has begun
			return nil, err
		}
		v, err := timed(func() error { return do(ctx) })
		in.Close()
		line, err1 := lines.ReadString('\n')
		wait, err2 := strconv.ParseFloat(strings.TrimSpace(line), 64)
		return values{v[0], wait}, errors.Join(err, err1, err2, cmd.Wait())
	}
}

// neighbour asks a Redis for a small thing every half millisecond until its input ends, and prints its longest wait
// in milliseconds.
func neighbour(ctx context.Context, args []string) error {
	client := redis.NewClient(&redis.Options{Addr: args[0], PoolSize: 1})
	defer client.Close()
	ended := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		close(ended)
	}()
	if err := client.Ping(ctx).Err(); err != nil {
		return err
	}
	fmt.Println("asking")
	tick := time.NewTicker(500 * time.Microsecond)
	defer tick.Stop()
	var longest time.Duration
	for {
		select {
		case <-ended:
			fmt.Println(float64(longest) / float64(time.Millisecond))
			return nil
		case <-tick.C:
		}
		began := time.Now()
		if err := client.Get(ctx, "nothing").Err(); err != nil && !errors.Is(err, redis.Nil) {
			return err
		}
		longest = max(longest, time.Since(began))
	}
}

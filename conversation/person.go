package conversation

import (
	"fmt"
	"strings"
	"time"

	"goalkeeper/conversation/language"
)

// The defaults of a check-in, for whoever chose nothing.
const (
	defaultWeekday = time.Monday
	defaultHour    = "09:00"
)

// Language is the one to write to the person in: set by hand, else the one they last typed a whole phrase in,
// else the platform's.
func (p *Person) Language() string {
	for _, tag := range []string{p.Chosen.Language, p.Typed, p.Profile.Language} {
		if supported := language.Supported(tag); supported != "" {
			return supported
		}
	}
	return language.English
}

// Voice speaks the person's language.
func (p *Person) Voice() *language.Voice { return language.In(p.Language()) }

// Zone is the person's time zone: set by hand, else the platform's, else UTC.
func (p *Person) Zone() *time.Location {
	for _, name := range []string{p.Chosen.Zone, p.Profile.Zone} {
		if zone, err := LoadZone(name); err == nil {
			return zone
		}
	}
	return time.UTC
}

// LoadZone finds an IANA zone. Unlike time.LoadLocation it takes neither the empty name nor "Local", which
// would mean this machine.
func LoadZone(name string) (*time.Location, error) {
	if name == "" || name == "Local" || len(name) > 64 {
		return nil, fmt.Errorf("%.64q is not the name of a time zone", name)
	}
	return atlas.find(name)
}

// First is what a colleague would call the person. Vietnamese full names end with the given name.
func (p *Person) First() string {
	words := strings.Fields(p.Profile.Name)
	if len(words) == 0 {
		return string(p.ID)
	}
	if len(words) > 2 && language.LooksVietnamese(p.Profile.Name) {
		return words[len(words)-1]
	}
	return words[0]
}

// Weekday is the day of the person's check-in.
func (p *Person) Weekday() time.Weekday {
	if p.Chosen.Weekday != nil {
		return *p.Chosen.Weekday
	}
	return defaultWeekday
}

// Hour is the local time of the person's check-in, "09:00".
func (p *Person) Hour() string {
	if p.Chosen.Hour != "" {
		return p.Chosen.Hour
	}
	return defaultHour
}

// spec writes a weekly local time as the calendar reads it.
func spec(hour string, day time.Weekday) string {
	t, err := time.Parse("15:04", hour)
	if err != nil {
		t, _ = time.Parse("15:04", defaultHour)
	}
	return fmt.Sprintf("%d %d * * %d", t.Minute(), t.Hour(), day)
}

// week names the ISO week that an instant falls in, in its own zone: "2026-W48".
func week(t time.Time) string {
	year, n := t.ISOWeek()
	return fmt.Sprintf("%d-W%02d", year, n)
}

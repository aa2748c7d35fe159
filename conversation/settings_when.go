package conversation

import (
	"slices"
	"strconv"
	"time"
	"unicode"
	"unicode/utf8"

	"goalkeeper/conversation/card"
	"goalkeeper/conversation/language"
)

// The fields that ask when something comes every week; a person's settings and a channel's digest share them.

// earliest and latest bound the hours that are offered, in half hours of the day.
const earliestHour, latestHour = 6 * 2, 21 * 2

// zones are the ones offered, besides the reader's own: at least one for each offset and for each way of changing
// clocks that many people live by. Whoever misses theirs finds one beside it.
var zones = []string{
	"Pacific/Honolulu", "America/Anchorage", "America/Los_Angeles", "America/Vancouver", "America/Phoenix",
	"America/Denver", "America/Chicago", "America/Mexico_City", "America/Bogota", "America/Lima", "America/New_York",
	"America/Toronto", "America/Havana", "America/Caracas", "America/Halifax", "America/Santiago", "America/St_Johns",
	"America/Sao_Paulo", "America/Argentina/Buenos_Aires", "America/Montevideo", "Atlantic/Azores",
	"Atlantic/Cape_Verde", "UTC", "Europe/London", "Europe/Dublin", "Europe/Lisbon", "Africa/Casablanca",
	"Africa/Accra", "Africa/Lagos", "Europe/Paris", "Europe/Madrid", "Europe/Berlin", "Europe/Amsterdam",
	"Europe/Brussels", "Europe/Zurich", "Europe/Vienna", "Europe/Rome", "Europe/Copenhagen", "Europe/Oslo",
	"Europe/Stockholm", "Europe/Prague", "Europe/Warsaw", "Europe/Budapest", "Europe/Athens", "Europe/Bucharest",
	"Europe/Helsinki", "Europe/Kyiv", "Africa/Cairo", "Africa/Johannesburg", "Asia/Jerusalem", "Europe/Istanbul",
	"Europe/Moscow", "Asia/Riyadh", "Africa/Nairobi", "Asia/Tehran", "Asia/Dubai", "Asia/Baku", "Asia/Tbilisi",
	"Asia/Kabul", "Asia/Karachi", "Asia/Tashkent", "Asia/Almaty", "Asia/Kolkata", "Asia/Colombo", "Asia/Kathmandu",
	"Asia/Dhaka", "Asia/Yangon", "Asia/Ho_Chi_Minh", "Asia/Bangkok", "Asia/Jakarta", "Asia/Singapore",
	"Asia/Kuala_Lumpur", "Asia/Manila", "Asia/Shanghai", "Asia/Hong_Kong", "Asia/Taipei", "Australia/Perth",
	"Asia/Tokyo", "Asia/Seoul", "Australia/Adelaide", "Australia/Darwin", "Australia/Brisbane", "Australia/Sydney",
	"Pacific/Guam", "Pacific/Noumea", "Pacific/Auckland", "Pacific/Fiji", "Pacific/Apia", "Pacific/Kiritimati",
}

// weekdayField offers the days of the week, Monday first.
func weekdayField(v *language.Voice, day time.Weekday) card.Field {
	f := card.Field{Name: "weekday", Kind: card.Choose, Label: v.Say("when.weekday"), Value: strconv.Itoa(int(day)), Required: true}
	for n := range 7 {
		d := time.Weekday((n + 1) % 7)
		f.Options = append(f.Options, card.Option{Value: strconv.Itoa(int(d)), Label: capital(v.Weekday(d))})
	}
	return f
}

// capital begins a line as a line begins.
func capital(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}

// hourField offers every half hour of the waking day, and the present one.
func hourField(v *language.Voice, hour string) card.Field {
	f := card.Field{Name: "hour", Kind: card.Choose, Label: v.Say("when.hour"), Value: hour, Required: true}
	var hours []string
	for half := earliestHour; half <= latestHour; half++ {
		hours = append(hours, time.Date(1, 1, 1, half/2, half%2*30, 0, 0, time.UTC).Format(hourForm))
	}
	if !slices.Contains(hours, hour) {
		hours = append(hours, hour)
		slices.Sort(hours)
	}
	for _, hour := range hours {
		if t, err := time.Parse(hourForm, hour); err == nil {
			f.Options = append(f.Options, card.Option{Value: hour, Label: v.Clock(t)})
		}
	}
	return f
}

// hourForm is how an hour is kept: "09:00".
const hourForm = "15:04"

// zoneField offers the zones from west to east, those given first.
func zoneField(v *language.Voice, now time.Time, zone string, first ...string) card.Field {
	f := card.Field{Name: "zone", Kind: card.Choose, Label: v.Say("when.zone"), Value: zone}
	all := slices.Clone(zones)
	slices.SortStableFunc(all, func(a, b string) int { return offset(a, now) - offset(b, now) })
	seen := map[string]bool{}
	for _, name := range append(append(slices.Clone(first), zone), all...) {
		if _, err := LoadZone(name); err == nil && !seen[name] {
			seen[name] = true
			f.Options = append(f.Options, card.Option{Value: name, Label: v.Zone(name) + " · " + offsetName(name, now)})
		}
	}
	return f
}

// offset is how many seconds a zone is east of Greenwich now.
func offset(zone string, now time.Time) int {
	loaded, err := LoadZone(zone)
	if err != nil {
		return 0
	}
	_, seconds := now.In(loaded).Zone()
	return seconds
}

// offsetName is "UTC+7" or "UTC−3:30".
func offsetName(zone string, now time.Time) string {
	minutes := offset(zone, now) / 60
	sign := "+"
	if minutes < 0 {
		sign, minutes = "−", -minutes
	}
	name := "UTC" + sign + strconv.Itoa(minutes/60)
	if rest := minutes % 60; rest != 0 {
		name += ":" + strconv.Itoa(rest/10) + strconv.Itoa(rest%10)
	}
	return name
}

// languageField offers the languages, each by its own name.
func languageField(v *language.Voice, tag string) card.Field {
	f := card.Field{Name: "language", Kind: card.Choose, Label: v.Say("when.language"), Value: tag}
	for _, tag := range language.Tags {
		f.Options = append(f.Options, card.Option{Value: tag, Label: language.In(tag).Say("language.own")})
	}
	return f
}

// switchField asks whether something is on.
func switchField(v *language.Voice, label string, on bool) card.Field {
	f := card.Field{Name: "on", Kind: card.Choose, Label: label, Value: "no", Options: options(v, "when.on.", "yes", "no")}
	if on {
		f.Value = "yes"
	}
	return f
}

// schedule is what these fields hold once they make sense.
type schedule struct {
	weekday        time.Weekday
	hour           string
	zone, language string // empty: follow the platform
	on             bool
}

// parseSchedule reads the fields; what is not among their choices is told by field.
func parseSchedule(v *language.Voice, values map[string]string) (s schedule, wrong map[string]string) {
	wrong = map[string]string{}
	day, err := strconv.Atoi(values["weekday"])
	if err != nil || day < 0 || day > 6 {
		wrong["weekday"] = v.Say("when.wrong")
	}
	s.weekday, s.hour, s.zone, s.language, s.on = time.Weekday(day), values["hour"], values["zone"], values["language"], values["on"] == "yes"
	if _, err := time.Parse(hourForm, s.hour); err != nil || len(s.hour) != len(hourForm) {
		wrong["hour"] = v.Say("when.wrong")
	}
	if s.zone != "" {
		if _, err := LoadZone(s.zone); err != nil {
			wrong["zone"] = v.Say("when.wrong")
		}
	}
	if s.language != "" && !slices.Contains(language.Tags, s.language) {
		wrong["language"] = v.Say("when.wrong")
	}
	if on := values["on"]; on != "yes" && on != "no" {
		wrong["on"] = v.Say("when.wrong")
	}
	return s, wrong
}

// showWrong puts what was typed, and what is wrong with it, into the fields.
func showWrong(fields []card.Field, values, wrong map[string]string) {
	for n := range fields {
		fields[n].Value, fields[n].Error = values[fields[n].Name], wrong[fields[n].Name]
	}
}

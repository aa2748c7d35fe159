package goal

import (
	"strings"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"
)

func number(n int64) Number { return decimal.NewFromInt(n) }

func ptr[T any](v T) *T { return &v }

func anyDay() *rapid.Generator[Date] {
	return rapid.Map(rapid.IntRange(0, 20_000), func(n int) Date { return Date{2015, time.January, 1}.AddDays(n) })
}

// hostile is text that somebody might send to break things.
var hostile = []string{
	"",
	"%s%d%!",
	"<!channel> <@U123> <at>Alex</at> &lt;",
	"\u202eevil\u202c 250 to 150",
	"G\u200b-12 \u2066x\u2069",
	strings.Repeat("a", 3000),
	strings.Repeat("9", 3000),
	strings.Repeat("1.", 1500),
	strings.Repeat("from 1 to 2 by Q4 ", 170),
	strings.Repeat("e\u0301", 1500),
	"e" + strings.Repeat("\u0301", 3000),
	"\xff\xfe\x00 by \xc3",
	"👩‍👩‍👧‍👦 🏴󠁧󠁢󠁥󠁮󠁧󠁿 by Q4",
	"by by by from from to to",
	"@@@ for @ cho <@",
	"31/02 99/99/9999 0/0 13/13",
}

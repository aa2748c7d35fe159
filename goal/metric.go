package goal

import "github.com/shopspring/decimal"

// Number is an exact decimal: what people typed is what they see again, without binary rounding.
type Number = decimal.Decimal

// Metric is the number by which a goal is told to be done.
type Metric struct {
	Name      string    `json:"name,omitempty"`
	Unit      string    `json:"unit,omitempty"` // as shown: "$", "₫", "%", "minutes", "integrations"
	Direction Direction `json:"direction"`
	Baseline  *Number   `json:"baseline,omitempty"` // nil: progress is unknown until somebody tells it
	Target    Number    `json:"target"`             // keep-within: the upper bound
	Floor     *Number   `json:"floor,omitempty"`    // keep-within only: the lower bound; nil: none
	Current   *Number   `json:"current,omitempty"`  // nil: not told yet
}

// Direction is the way a metric should move.
type Direction string

// The directions.
const (
	Increase   Direction = "increase"
	Decrease   Direction = "decrease"
	KeepWithin Direction = "keep-within"
)

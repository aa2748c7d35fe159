package conversation

import (
	"sync"
	"time"
)

// atlas remembers the zones that were loaded: loading one reads a file, and each check-in needs one.
var atlas zoneBook

// maxZones bounds what is remembered. There are about six hundred names, and ways to spell one differently.
const maxZones = 1000

// zoneBook is a set of loaded zones by name.
type zoneBook struct {
	mu    sync.RWMutex
	zones map[string]*time.Location
}

func (b *zoneBook) find(name string) (*time.Location, error) {
	b.mu.RLock()
	zone := b.zones[name]
	b.mu.RUnlock()
	if zone != nil {
		return zone, nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.zones == nil || len(b.zones) >= maxZones {
		b.zones = map[string]*time.Location{}
	}
	b.zones[name] = zone
	return zone, nil
}

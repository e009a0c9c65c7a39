package main

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
)

// noise is by how much a figure may differ from that of the page, once all are divided by
// what they differ by in the median: machines are of different speed, and others use them.
const noise = 1.6

// small is what a figure may differ by in any case: a count, or a time that is next to
// nothing.
const small = 20

// numbers matches the figures in a row.
var numbers = regexp.MustCompile(`\d+(\.\d+)?`)

// differences compares rows of tables, which have the same words, and figures that may
// differ. It returns the rows that are not the same within noise.
func differences(old, now []string) []string {
	if len(old) != len(now) {
		return []string{fmt.Sprintf("the page has %d rows, and there are %d", len(old), len(now))}
	}
	type figure struct {
		row      int
		was, now float64
	}
	var figures []figure
	var different []string
	var ratios []float64
	for i := range old {
		if numbers.ReplaceAllString(old[i], "") != numbers.ReplaceAllString(now[i], "") {
			different = append(different, fmt.Sprintf("the page has %s, and now it is %s", old[i], now[i]))
			continue
		}
		was, is := numbers.FindAllString(old[i], -1), numbers.FindAllString(now[i], -1)
		for k := range was {
			a, _ := strconv.ParseFloat(was[k], 64)
			b, _ := strconv.ParseFloat(is[k], 64)
			if a == b || a == 0 || b == 0 {
				continue // a name, as 16 workers
			}
			ratios = append(ratios, b/a)
			if math.Abs(a-b) > small {
				figures = append(figures, figure{i, a, b})
			}
		}
	}
	if len(ratios) == 0 {
		return different
	}
	slices.Sort(ratios)
	speed := ratios[len(ratios)/2]
	for _, f := range figures {
		if r := f.now / f.was / speed; r > noise || r < 1/noise {
			different = append(different, fmt.Sprintf("%.0f is now %.0f, %.2f times what the others have become, in %s", f.was, f.now, r, old[f.row]))
		}
	}
	return different
}

package plan

import "math/bits"

// Input of this file: nothing but what conditions come to. What is the same for every row, and not known, is kept apart from what depends on the row:
// the one may be true of all rows at once, the other leaves some out.

// outcomes are those of a condition that rows may have: one or several.
type outcomes uint8

const (
	isTrue outcomes = 1 << iota
	isFalse
	isUnknown // as NULL is
)

// verdict is what the form of a condition tells of it: a set of outcomes, the one with the bit of its number, or several of which one is right. Of
// those each row may have any.
type verdict uint8

const (
	holds   verdict = 1 << isTrue
	fails   verdict = 1 << isFalse
	unknown verdict = 1 << isUnknown
	varies  verdict = 1 << (isTrue | isFalse)             // that depends on the row
	some    verdict = 1 << (isTrue | isFalse | isUnknown) // likewise
	untold  verdict = holds | fails | unknown             // it is the same for every row, and not known
)

// certain is the verdict on what is known, and the same for every row.
func certain(value bool) verdict {
	if value {
		return holds
	}
	return fails
}

// each yields the sets of outcomes of which one is right.
func (v verdict) each(yield func(outcomes) bool) {
	for o := isTrue; o <= isTrue|isFalse|isUnknown; o++ {
		if v>>o&1 != 0 && !yield(o) {
			return
		}
	}
}

// one returns the outcomes where they are told.
func (v verdict) one() (o outcomes, ok bool) {
	return outcomes(bits.TrailingZeros8(uint8(v))), bits.OnesCount8(uint8(v)) == 1
}

// may reports whether the outcome may be one of a row.
func (v verdict) may(is outcomes) bool {
	for o := range v.each {
		if o&is != 0 {
			return true
		}
	}
	return false
}

// depends reports whether rows may differ.
func (v verdict) depends() bool { return v&^untold != 0 }

// made is the verdict on what of makes of the condition, row by row.
func (v verdict) made(of func(outcomes) outcomes) verdict {
	return v.with(holds, func(one, _ outcomes) outcomes { return of(one) })
}

// with is the verdict on what of makes of two conditions, row by row.
func (v verdict) with(other verdict, of func(one, two outcomes) outcomes) (all verdict) {
	for a := range v.each {
		for b := range other.each {
			var o outcomes
			for one := isTrue; one <= isUnknown; one <<= 1 {
				for two := isTrue; two <= isUnknown; two <<= 1 {
					if a&one != 0 && b&two != 0 {
						o |= of(one, two)
					}
				}
			}
			all |= 1 << o
		}
	}
	return all
}

func (v verdict) and(other verdict) verdict {
	return v.with(other, func(one, two outcomes) outcomes { return deciding(isFalse, one, two) })
}

func (v verdict) or(other verdict) verdict {
	return v.with(other, func(one, two outcomes) outcomes { return deciding(isTrue, one, two) })
}

// deciding returns the first where one of the others is it, and else what they leave.
func deciding(first, one, two outcomes) outcomes {
	switch {
	case one == first || two == first:
		return first
	case one == isUnknown || two == isUnknown:
		return isUnknown
	}
	return one
}

// not is the verdict on what holds where this fails.
func (v verdict) not() verdict {
	return v.made(func(o outcomes) outcomes { return o&isUnknown | o&isTrue<<1 | o&isFalse>>1 })
}

// is is the verdict on the test whether the outcome is this one.
func (v verdict) is(this outcomes) verdict {
	return v.made(func(o outcomes) outcomes {
		if o == this {
			return isTrue
		}
		return isFalse
	})
}

// chosen is the verdict on a CASE: then where this holds, and else the other.
func (v verdict) chosen(then, other verdict) (all verdict) {
	for is := range v.each {
		for a := range then.each {
			for b := range other.each {
				var o outcomes
				if is&isTrue != 0 {
					o |= a
				}
				if is&^isTrue != 0 {
					o |= b
				}
				all |= 1 << o
			}
		}
	}
	return all
}

// also is the verdict on what has another outcome for rows that are not known here.
func (v verdict) also(o outcomes) (all verdict) {
	for a := range v.each {
		all |= 1 << (a | o)
	}
	return all
}

// met is what two verdicts on one condition leave, of which each is right.
func (v verdict) met(o outcomes) verdict {
	if told, ok := v.one(); ok && told&o != 0 {
		return 1 << (told & o)
	}
	return v
}

package oracle_test

// checkMore checks, beside the case's query, one thing of those that are not about all of its clauses.
func (c *oraCase) checkMore() error {
	if c.spec.refused() {
		return nil
	}
	if len(c.data.trees()) > 0 && c.g.chance(3) { // few tables relate to themselves
		return c.checkTree()
	}
	checks := []func() error{
		c.checkPositions, c.checkEach, c.checkModes, c.checkTransaction, c.checkLocks, c.checkPrepared, c.checkSkeleton,
		c.checkPartition, c.checkPartitionBelow, c.checkNaive, c.checkGroups,
		c.checkCounts,
	}
	return checks[c.g.IntN(len(checks))]()
}

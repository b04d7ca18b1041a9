package dovetail_test

// checkMore checks, beside the case's query, one thing of those that are not about all of its clauses.
func (c *oraCase) checkMore() error {
	if c.spec.refused() {
		return nil
	}
	checks := []func() error{
		c.checkPositions, c.checkEach, c.checkModes, c.checkTransaction, c.checkLocks, c.checkPrepared, c.checkSkeleton,
		c.checkTree, c.checkTree, c.checkPartition, c.checkPartitionBelow, c.checkNaive, c.checkGroups,
	}
	return checks[c.g.IntN(len(checks))]()
}

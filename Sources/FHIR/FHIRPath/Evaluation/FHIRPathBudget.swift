import Primitives

/// What an evaluation may cost. Each step, each item and each byte of text that is worked through is
/// charged; one budget can serve many evaluations, such as all invariants of one resource.
public final class FHIRPathBudget {
  /// How many steps are left.
  public private(set) var stepsLeft: Int
  /// How many items one collection may have.
  public let maximumItems: Int
  /// How long a text that an expression makes may become, in bytes of UTF-8.
  public let maximumText: Int

  /// A budget of that many steps; some ten million take a second.
  public init(steps: Int = 5_000_000, maximumItems: Int = 100_000, maximumText: Int = 4 << 20) {
    stepsLeft = max(0, steps)
    self.maximumItems = max(0, maximumItems)
    self.maximumText = max(0, maximumText)
  }

  /// Takes steps off the budget.
  ///
  /// - Throws: `tooLarge` once nothing is left.
  func charge(_ steps: Int = 1) throws(PeerChartError) {
    let (left, overflow) = stepsLeft.subtractingReportingOverflow(max(0, steps))
    guard !overflow, left >= 0 else {
      stepsLeft = 0
      throw PeerChartError(.tooLarge, "the expression takes more steps than are allowed")
    }
    stepsLeft = left
  }

  /// Checks the size of a collection.
  func check(items count: Int) throws(PeerChartError) {
    guard count <= maximumItems else {
      throw PeerChartError(.tooLarge, "a collection has more items than are allowed")
    }
  }

  /// Charges for working through a text, and checks how long one that is made becomes.
  func charge(text bytes: Int) throws(PeerChartError) {
    guard bytes <= maximumText else {
      throw PeerChartError(.tooLarge, "a text becomes longer than is allowed")
    }
    try charge(1 + bytes / 16)
  }
}

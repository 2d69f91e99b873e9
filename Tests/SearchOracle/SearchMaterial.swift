import Foundation

/// Made-up resources for searches, each `Type/id` once.
package enum SearchMaterial {
  /// - Parameter count: how many of those that only have rare values; those that are linked come on top.
  package static func madeUp(
    _ count: Int, copies: Int = 6, _ random: inout OracleRandom
  ) -> [[UInt8]] {
    var taken: Set<String> = []
    var all: [[UInt8]] = []
    func add(_ text: String) {
      // A node takes no reference to an entry of a bundle that is not there.
      guard !text.contains(#""reference":"urn:"#) else { return }
      let bytes = Array(text.replacingOccurrences(of: "\n", with: " ").utf8)
      guard taken.insert(OracleRecord(bytes).address).inserted else { return }
      all.append(bytes)
    }
    for text in LinkedSamples.resources(copies, &random) { add(text) }
    for number in 0..<count {
      // The first of a type under an id that others refer to.
      add(SearchSamples.resource(&random))
      add(SearchSamples.resource(&random, id: "s\(number)"))
    }
    return all
  }
}

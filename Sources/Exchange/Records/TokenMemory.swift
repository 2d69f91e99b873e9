import FHIR
import Vault

/// The tokens of one import or write, remembered: the records of a chart share their patient, their
/// encounters, codes and dates, and a look-up costs a tenth of the keyed hash.
struct TokenMemory {
  /// Terms beyond this many are not remembered.
  private static let capacity = 50_000

  private let index: BlindIndex
  private var known: [String: [IndexTerm: UInt64]] = [:]
  private var count = 0

  init(_ index: BlindIndex) { self.index = index }

  /// The tokens of a resource's terms, sorted and without repetition.
  mutating func tokens(_ terms: [IndexTerm], of type: String) -> [UInt64] {
    var tokens: [UInt64] = []
    tokens.reserveCapacity(terms.count)
    for term in terms {
      if let token = known[type]?[term] {
        tokens.append(token)
        continue
      }
      let token = RecordIndex.token(term, of: type, index)
      tokens.append(token)
      guard count < Self.capacity else { continue }
      count += 1
      known[type, default: [:]][term] = token
    }
    tokens.sort()
    return tokens.enumerated().compactMap { position, token in
      position > 0 && tokens[position - 1] == token ? nil : token
    }
  }
}

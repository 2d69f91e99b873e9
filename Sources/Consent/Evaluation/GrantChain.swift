import Primitives

/// A grant with its parents, up to the patient's own grant.
struct GrantChain {
  /// Positions in the list of grants: the grant itself first, the patient's own last.
  var members: [Int]
  /// Whether the last member was given by the patient and every link holds.
  var isValid: Bool

  /// Follows `delegatedFrom` from the grant at `start`. All `grants` are of one patient.
  init(from start: Int, in grants: [Grant]) {
    members = [start]
    isValid = true
    var last = start
    while let delegation = grants[last].terms.delegation {
      guard members.count < Grant.maximumChainLength,
        let parent = GrantChain.only(delegation.parent, in: grants),
        grants[parent].terms.isDelegable,
        grants[parent].terms.grantee?.grantee == delegation.delegator
      else {
        isValid = false
        return
      }
      members.append(parent)
      last = parent
    }
  }

  /// The one grant of that id; nil also when two claim it.
  private static func only(_ id: GrantID, in grants: [Grant]) -> Int? {
    var found: Int?
    for index in grants.indices where grants[index].terms.id == id {
      if found != nil { return nil }
      found = index
    }
    return found
  }
}

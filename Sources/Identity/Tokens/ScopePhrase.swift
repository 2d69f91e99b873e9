/// What a scope means, for the page on which a person agrees to it: a key into the table of strings and
/// what goes into the sentence. The words themselves are the page's.
public struct ScopePhrase: Sendable, Hashable {
  /// What the app may do, as people say it.
  public enum Verb: String, Sendable, Hashable, CaseIterable {
    /// Read or search.
    case view
    /// Create.
    case add
    /// Update.
    case change
    /// Delete.
    case delete
  }

  /// How much the page should make of it.
  public enum Weight: Int, Sendable, Hashable, Comparable {
    /// Reads some records, or asks who somebody is.
    case ordinary
    /// Reads everything, or goes on when nobody looks.
    case broad
    /// Changes the record.
    case writing

    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
  }

  /// The key of the sentence: `scope.patient.type`, `scope.user.everything`, `scope.word.openid`.
  public let key: String
  /// What may be done; empty for a word.
  public let verbs: [Verb]
  /// The FHIR type of the records, nil for every type and for a word.
  public let type: String?
  /// What the records must meet; empty for all of them.
  public let conditions: [ScopeCondition.Parameter]
  /// How much the page should make of it.
  public let weight: Weight
  /// The scope in its text form: the value of the check box.
  public let scope: String
}

extension Scope {
  /// What the scope means.
  public var phrase: ScopePhrase {
    let verbs = ScopePhrase.Verb.allCases.filter { verb in
      switch verb {
      case .view: actions.contains(.read) || actions.contains(.search)
      case .add: actions.contains(.create)
      case .change: actions.contains(.update)
      case .delete: actions.contains(.delete)
      }
    }
    let kind =
      switch (type, condition) {
      case (nil, _): "everything"
      case (_, nil): "type"
      default: "some"
      }
    return ScopePhrase(
      key: "scope.\(context.rawValue).\(kind)", verbs: verbs, type: type,
      conditions: condition?.parameters ?? [],
      weight: verbs != [.view] ? .writing : type == nil ? .broad : .ordinary,
      scope: description)
  }
}

extension SMARTScopes.Word {
  /// What the word means: `scope.word.launch-patient`.
  public var phrase: ScopePhrase {
    let name = rawValue.replacing("/", with: "-").replacing("_", with: "-").lowercased()
    return ScopePhrase(
      key: "scope.word.\(name)", verbs: [], type: nil, conditions: [],
      weight: self == .offlineAccess ? .broad : .ordinary, scope: rawValue)
  }
}

extension SMARTScopes {
  /// What an app asks for, sentence by sentence, the weightiest first.
  public var phrases: [ScopePhrase] {
    let all = words.map(\.phrase) + resources.scopes.map(\.phrase)
    return all.enumerated()
      .sorted { ($1.element.weight, $0.offset) < ($0.element.weight, $1.offset) }
      .map(\.element)
  }
}

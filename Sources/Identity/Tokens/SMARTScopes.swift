import Primitives

/// All that an app asks for or has been granted: scopes for resources, and those that ask for a launch
/// context, for the user's identity or for a longer life (SMART App Launch 2.2, scopes and launch
/// context).
public struct SMARTScopes: Sendable, Hashable {
  /// The longest text in bytes.
  public static let maximumLength = 4096

  /// A scope that is a word.
  public enum Word: String, Sendable, Hashable, CaseIterable, Codable {
    /// The context of the session that launches the app.
    case launch = "launch"
    /// Standalone: have the user choose a patient.
    case launchPatient = "launch/patient"
    /// Who the user is (OpenID Connect Core section 3.1.2.1).
    case openid = "openid"
    /// The user as a FHIR resource; goes with `openid`.
    case fhirUser = "fhirUser"
    /// A refresh token that outlives the user's session.
    case offlineAccess = "offline_access"
    /// A refresh token that ends with the user's session.
    case onlineAccess = "online_access"
  }

  /// The words, in the order of `Word.allCases`.
  public let words: [Word]
  /// The scopes for resources, which may be none.
  public let resources: ScopeSet

  /// - Parameter words: `fhirUser` counts only together with `openid`, and of `offline_access` and
  ///   `online_access` the shorter life.
  public init(words: Set<Word>, resources: ScopeSet) {
    var words = words
    if !words.contains(.openid) { words.remove(.fhirUser) }
    if words.contains(.onlineAccess) { words.remove(.offlineAccess) }
    self.words = Word.allCases.filter { words.contains($0) }
    self.resources = resources
  }

  /// Reads what an app asks for. What is not offered here is left out, as RFC 6749 section 3.3 allows:
  /// the app reads in the answer what it got.
  ///
  /// - Throws: `malformed` for characters that no scope has, `tooLarge`.
  public init(requested text: String) throws {
    try self.init(text) { part in
      do { return try Scope(part) } catch let error as PeerChartError {
        if error.code == .tooLarge { throw error }
        return nil
      }
    }
  }

  /// Reads what was granted: everything must be known.
  ///
  /// - Throws: as `Scope`; `malformed`, `tooLarge`.
  public init(granted text: String) throws {
    try self.init(text) { try Scope($0) }
  }

  private init(_ text: String, _ read: (Substring) throws -> Scope?) throws {
    guard text.utf8.count <= Self.maximumLength else {
      throw PeerChartError(.tooLarge, "the scopes are longer than \(Self.maximumLength) characters")
    }
    guard text.utf8.allSatisfy({ (0x20...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C }) else {
      throw PeerChartError(.malformed, "a scope is printable ASCII without quotes")
    }
    var words: Set<Word> = []
    var scopes: [Scope] = []
    for part in text.split(separator: " ") {
      if let word = Word(rawValue: String(part)) {
        words.insert(word)
      } else if let scope = try read(part) {
        scopes.append(scope)
      }
    }
    self.init(words: words, resources: scopes.isEmpty ? .none : try ScopeSet(scopes))
  }

  /// Whether nothing is asked for or granted.
  public var isEmpty: Bool { words.isEmpty && resources.scopes.isEmpty }

  /// Whether this word is among them.
  public func contains(_ word: Word) -> Bool { words.contains(word) }

  /// What both allow. Granting narrows and never widens: asked ∩ registered ∩ chosen.
  ///
  /// - Throws: `tooLarge` where that takes more than 64 scopes.
  public func narrowed(to other: SMARTScopes) throws -> SMARTScopes {
    // "online" is the lesser of the two, so it lies within "offline".
    var words = Set(words).intersection(other.words)
    let mine = contains(.onlineAccess) && other.contains(.offlineAccess)
    let theirs = contains(.offlineAccess) && other.contains(.onlineAccess)
    if mine || theirs { words.insert(.onlineAccess) }
    return SMARTScopes(words: words, resources: try resources.narrowed(to: other.resources))
  }

  /// Whether `other` allows everything that this allows (RFC 6749 section 6: a refresh asks for no
  /// more than was granted).
  public func isCovered(by other: SMARTScopes) -> Bool {
    words.allSatisfy { word in
      other.contains(word) || word == .onlineAccess && other.contains(.offlineAccess)
    } && resources.isCovered(by: other.resources)
  }
}

extension SMARTScopes: CustomStringConvertible {
  /// The scopes separated by spaces, in their one text form.
  public var description: String {
    (words.map(\.rawValue) + resources.scopes.map(\.description)).joined(separator: " ")
  }
}

extension SMARTScopes: Codable {
  /// Reads what `encode` wrote.
  public init(from decoder: any Decoder) throws {
    try self.init(granted: decoder.singleValueContainer().decode(String.self))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

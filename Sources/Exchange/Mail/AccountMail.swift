public import Primitives

/// Where an account's mail goes. An address counts once a code that was sent to it has come back.
struct AccountMail: Codable, Sendable {
  /// An address that somebody has named and not shown to be theirs.
  struct Unproven: Codable, Sendable {
    var address: String
    /// SHA-256 over the code.
    var code: [UInt8]
    /// Milliseconds since 1970.
    var expiresAt: Int64
  }

  var address: String?
  var isWanted = true
  var unproven: Unproven?
}

/// The account's mail as its owner sees it.
public struct MailSettings: Sendable {
  /// Nil before an address was shown to be the owner's.
  public let address: Redacted<String>?
  /// One that waits for its code.
  public let unproven: Redacted<String>?
  public let isWanted: Bool
}

/// What a mail is about. It says no more than its kind does: no health information, nobody's name.
public enum MailKind: String, CaseIterable, Codable, Sendable {
  /// Somebody asks for access to a chart.
  case accessRequested = "access-requested"
  /// A request that the reader made was answered.
  case requestDecided = "request-decided"
  /// A chart was opened in an emergency.
  case glassBroken = "glass-broken"
  /// Somebody signed in with a browser that had not before.
  case newDevice = "new-device"
  case passwordChanged = "password-changed"
  /// Mail goes to another address from now on; sent to the one of before.
  case addressChanged = "address-changed"
  /// The code that shows that an address is the reader's.
  case addressCode = "address-code"

  /// Whether it is sent to people who want no mail: what warns of somebody else in the account.
  var isWarning: Bool {
    switch self {
    case .newDevice, .passwordChanged, .addressChanged, .addressCode: true
    case .accessRequested, .requestDecided, .glassBroken: false
    }
  }
}

/// Why a password is refused. There is no rule about kinds of characters: those make passwords worse,
/// not better (NIST SP 800-63B section 3.1.1.2, ASVS 6.2.5).
public enum PasswordFault: String, CaseIterable, Sendable {
  /// Fewer than twelve characters.
  case tooShort = "too-short"
  /// More than 1024 bytes.
  case tooLong = "too-long"
  /// Characters that do not print, or that Unicode has not assigned yet: their normal form may change,
  /// and the password with it (Unicode Standard Annex 15, stabilized strings).
  case unstable
  /// A short block over and over, or little but runs such as `abcdef` and `123456`.
  case repetitive
  /// A password or word that many people use, also with digits around it or in place of letters.
  case common
  /// Little besides the account's own names.
  case personal

  /// What to tell the person, in English.
  public var advice: String {
    switch self {
    case .tooShort: "A password needs at least \(PasswordPolicy.minimumLength) characters."
    case .tooLong: "That password is too long."
    case .unstable: "That password has characters that may not work on another device."
    case .repetitive: "That password repeats itself or runs along the keyboard."
    case .common: "Many people use that password, and so would somebody who guesses."
    case .personal: "That password is made of your own names."
    }
  }
}

import SwiftASN1
import X509

/// The names in a certificate by which people recognize its owner.
struct CertificateNames {
  private static let principalNameID: ASN1ObjectIdentifier = [1, 3, 6, 1, 4, 1, 311, 20, 2, 3]
  private static let longest = 256

  let principalName: String?
  let emailAddress: String?

  init(_ certificate: Certificate) {
    let names: [GeneralName] =
      (try? certificate.extensions.subjectAlternativeNames)
      .map { $0.map(Array.init) ?? [] } ?? []
    principalName = names.lazy.compactMap(Self.principalName).first.map(Self.display)
    emailAddress = names.lazy.compactMap(Self.emailAddress).first.map(Self.display)
  }

  private static func principalName(_ name: GeneralName) -> String? {
    guard case .otherName(let other) = name, other.typeID == principalNameID,
      let value = other.value, let text = try? ASN1UTF8String(asn1Any: value)
    else { return nil }
    return String(text)
  }

  private static func emailAddress(_ name: GeneralName) -> String? {
    if case .rfc822Name(let address) = name { address } else { nil }
  }

  /// A name that can be put on a page or in the log: one line, of bounded length, without characters
  /// that turn the direction of writing.
  static func display(_ name: String) -> String {
    let scalars = name.unicodeScalars.prefix(longest).map { scalar -> Unicode.Scalar in
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse:
        "\u{FFFD}"
      default: scalar
      }
    }
    return String(String.UnicodeScalarView(scalars))
  }
}

import Exchange
import Primitives

/// What a mail says: that there is something to see, where, and no more. Nobody's name stands in it, and nothing
/// by which a disease, a doctor or an emergency could be guessed.
struct MailWording {
  let subject: String
  let text: String

  /// - Parameters:
  ///   - language: BCP 47; English where it is another than Spanish.
  ///   - link: the node's address.
  init(_ mail: OutgoingMail, link: String) {
    let isSpanish = mail.language?.lowercased().hasPrefix("es") ?? false
    let words = isSpanish ? Self.spanish(mail.kind) : Self.english(mail.kind)
    subject = words.subject
    var lines = [words.text, link]
    if let code = mail.code?.exposed { lines.append(code) }
    lines.append(isSpanish ? Self.spanishFoot : Self.englishFoot)
    text = lines.joined(separator: "\r\n\r\n") + "\r\n"
  }

  private static func english(_ kind: MailKind) -> (subject: String, text: String) {
    switch kind {
    case .accessRequested, .requestDecided, .glassBroken:
      (
        "There is something for you",
        "There is something for you at this address. Sign in to see it:"
      )
    case .newDevice:
      (
        "A new device signed in",
        "Somebody signed in to your account with a browser that had not before. If that was not you, "
          + "change your password here:"
      )
    case .passwordChanged:
      (
        "Your password was changed",
        "The password of your account was changed. If that was not you, ask whoever runs this address for help:"
      )
    case .addressChanged:
      (
        "Mail goes elsewhere from now on",
        "Your account does not send mail to this address any more. If that was not your wish, sign in and "
          + "look:"
      )
    case .addressCode:
      ("Your code", "Type the code below on the page of your account to have mail sent here:")
    }
  }

  private static func spanish(_ kind: MailKind) -> (subject: String, text: String) {
    switch kind {
    case .accessRequested, .requestDecided, .glassBroken:
      ("Hay algo para usted", "Hay algo para usted en esta dirección. Inicie sesión para verlo:")
    case .newDevice:
      (
        "Un dispositivo nuevo inició sesión",
        "Alguien inició sesión en su cuenta con un navegador que no se había usado antes. Si no fue usted, "
          + "cambie su contraseña aquí:"
      )
    case .passwordChanged:
      (
        "Se cambió su contraseña",
        "Se cambió la contraseña de su cuenta. Si no fue usted, pida ayuda a quien administra esta dirección:"
      )
    case .addressChanged:
      (
        "El correo va ahora a otra dirección",
        "Su cuenta ya no envía correo a esta dirección. Si no lo quiso así, inicie sesión y compruébelo:"
      )
    case .addressCode:
      (
        "Su código",
        "Escriba el código de abajo en la página de su cuenta para recibir aquí el correo:"
      )
    }
  }

  private static let englishFoot =
    "This mail was sent by a program. In your account you can say that you want none."
  private static let spanishFoot =
    "Este correo lo envió un programa. En su cuenta puede indicar que no desea recibirlo."
}

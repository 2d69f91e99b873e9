import ArgumentParser
import Identity
import Node
import PeerNetwork
import Primitives
import Web

/// How people are told by mail.
struct MailArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The server that takes mail for people who want to be told of news: smtps://, or smtp:// with STARTTLS.",
      valueName: "smtps://[user@]host[:port]"))
  var mail: String?
  @Option(help: ArgumentHelp("The sender's address.", valueName: "address"))
  var mailFrom: String?
  @Option(
    help: ArgumentHelp("A file whose first line is the server's password.", valueName: "file"))
  var mailPasswordFile: String?
  @Option(
    help: ArgumentHelp(
      "CA certificates (PEM) of that server, beside the ones that the system trusts.",
      valueName: "file"))
  var mailCa: String?
  @Option(
    help: ArgumentHelp(
      "The address of this node that mails name. Default: the first that is listened on.",
      valueName: "https://host[:port]"))
  var mailLink: String?

  var mailing: PeerChartNode.Mailing? {
    get throws {
      guard let mail else {
        guard mailFrom == nil, mailPasswordFile == nil, mailCa == nil, mailLink == nil else {
          throw ValidationError("what is said of mail needs a server: --mail")
        }
        return nil
      }
      guard let from = mailFrom.flatMap({ MailAddress($0) }) else {
        throw ValidationError("--mail-from takes the sender's e-mail address")
      }
      do {
        if let mailLink { try PeerChartNode.Mailing.check(link: mailLink) }
        return PeerChartNode.Mailing(
          server: try MailServer(mail), from: from, passwordFile: mailPasswordFile,
          authorities: mailCa, link: mailLink)
      } catch { throw ValidationError(error.reason) }
    }
  }
}

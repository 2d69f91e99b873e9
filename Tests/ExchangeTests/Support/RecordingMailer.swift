import Exchange
import Primitives
import Synchronization

/// A mail server that answers as it is told, and what it was given.
final class RecordingMailer: MailTransport {
  private let mails = Mutex<[OutgoingMail]>([])
  private let answer = Mutex<PeerChartError?>(nil)

  var all: [OutgoingMail] { mails.withLock { $0 } }
  var kinds: [MailKind] { all.map(\.kind) }

  func answers(_ error: PeerChartError?) { answer.withLock { $0 = error } }

  func send(_ mail: OutgoingMail) async throws {
    mails.withLock { $0.append(mail) }
    // Others get their turn meanwhile, as they do while a real server thinks.
    for _ in 0..<5 { await Task.yield() }
    if let error = answer.withLock({ $0 }) { throw error }
  }
}

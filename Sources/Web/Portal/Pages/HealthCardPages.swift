package import Exchange
import Primitives

/// What can be put on a health card, and the cards that were made.
package struct HealthCardsPage: PageModel {
  package static let template = "health-cards"
  package var records: [RecordRow]
  package var cards: [HealthCardSummary]
  /// What is wrong with the form: a key of the table of words.
  package var problem: String?

  package init(records: [RecordRow], cards: [HealthCardSummary], problem: String? = nil) {
    self.records = records
    self.cards = cards
    self.problem = problem
  }

  package func title(_ strings: PortalStrings) -> String { strings["hcards.title"] }

  package func content(_ strings: PortalStrings) -> PageObject {
    var choice = FormChoice(
      "records", label: strings["hcards.records"], .many,
      records.map { row in
        let name = row.title ?? strings.code("type", row.kind)
        let day = row.date.map { Wording.day($0, strings) }
        return FormChoice.Option(
          "\(row.type)/\(row.id)", [name, day].compactMap { $0 }.joined(separator: " · "))
      })
    choice.hint = strings["hcards.records_hint"]
    choice.error = problem.map { strings[$0] }
    return [
      "hasRecords": .flag(!records.isEmpty), "records": choice.content,
      "nothing": EmptyState("seal", "hcards.nothing").content(strings),
      "hasCards": .flag(!cards.isEmpty),
      "cards": .objects(
        cards.map { card in
          [
            "id": .text(card.id), "count": .text(strings.count("hcards.count", card.records.count)),
            "made": Wording.time(card.issued, strings), "isGood": .flag(card.revoked == nil),
            "state": .text(strings[card.revoked == nil ? "hcards.good" : "hcards.revoked"]),
          ]
        }),
    ]
  }
}

/// A health card just made.
package struct HealthCardPage: PageModel {
  package static let template = "health-card"
  package var codes: [QRCode]
  /// The file, in base64.
  package var file: String

  package init(codes: [QRCode], file: String) {
    self.codes = codes
    self.file = file
  }

  package func title(_ strings: PortalStrings) -> String { strings["hcards.made"] }

  package func content(_ strings: PortalStrings) -> PageObject {
    [
      "codes": .objects(codes.map { ["size": .number($0.size), "path": .text($0.path)] }),
      "file": .text(file),
    ]
  }
}

import Primitives
import Web

/// The pages about organizations and logs.
extension SamplePages {
  static func entities(_ hostile: String) -> EntitiesPage {
    let states = ["accredited", "suspended", "revoked", "replaced", "expired", "unknown"]
    let entities = states.map { state in
      var entity = EntitiesPage.Entity(
        fingerprint: "6K4R-QZ2M" + hostile, state: state + hostile, isVerified: false,
        isStale: state == "accredited")
      entity.organization = "General" + hostile
      entity.name = "Ward" + hostile
      entity.npi = "1234567893" + hostile
      entity.by = "Board" + hostile
      entity.reason = "key-compromise" + hostile
      entity.since = now.description
      entity.until = now.description
      entity.knownAt = now.description
      return entity
    }
    let accreditors = [nil, 720.0].map { hours in
      EntitiesPage.Accreditor(
        id: "k" + hostile, name: "Board" + hostile, freshHours: hours,
        withdrawalsOnly: hours != nil)
    }
    return EntitiesPage(entities: entities, accreditors: accreditors)
  }

  static func witnesses(_ hostile: String) -> WitnessesPage {
    var page = WitnessesPage(
      key: "peerchart/x+1+k" + hostile, size: 412, publishedSize: 400,
      publishedAt: now.description, needed: 1)
    func rows(_ states: String...) -> [WitnessesPage.Row] {
      states.map { state in
        var row = WitnessesPage.Row(
          "Hospital" + hostile, state: state + hostile, size: 400, at: now.description)
        row.evidence = "e1" + hostile
        row.place = "eip155:1" + hostile
        row.reason = "no answer" + hostile
        row.depth = 12
        return row
      }
    }
    page.witnesses = rows("cosigned", "waiting", "unreachable", "unknown")
    page.followed = rows("good", "doubtful")
    page.anchors = rows("pending", "included", "final", "failed")
    // An alarm has its own sentence for each state.
    page.witnesses.append(
      WitnessesPage.Row("Hospital" + hostile, state: "refused", size: 0, at: nil))
    page.followed += ["forked", "silent"].map {
      WitnessesPage.Row("Insurer" + hostile, state: $0, size: 9, at: now.description)
    }
    return page
  }
}

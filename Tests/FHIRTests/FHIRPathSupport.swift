import FHIR
import Foundation
import Primitives
import Testing

/// What the tests of FHIRPath share.
enum FHIRPathSupport {
  static let patient = #"""
    {"resourceType":"Patient","id":"p1","meta":{"versionId":"1","lastUpdated":"2020-02-03T04:05:06Z"},
     "text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">Rowan</div>"},
     "contained":[{"resourceType":"Organization","id":"o1","name":"Contained"}],
     "extension":[{"url":"http://example.org/a","valueString":"x"},{"url":"http://example.org/b","valueInteger":7}],
     "identifier":[{"use":"usual","system":"urn:oid:1.2","value":"12345"}],
     "active":true,
     "name":[{"use":"official","family":"Chalmers","given":["Peter","James"]},
             {"use":"usual","given":["Jim",null],"_given":[null,{"extension":[{"url":"http://example.org/n","valueCode":"asked"}]}]},
             {"use":"maiden","family":"Windsor","given":["Peter","James"]}],
     "telecom":[{"system":"phone","value":"555","use":"home","rank":2},{"system":"email","value":"a@b","rank":1}],
     "gender":"male","birthDate":"1974-12-25",
     "_birthDate":{"id":"bd","extension":[{"url":"http://example.org/t","valueDateTime":"1974-12-25T14:35:45-05:00"}]},
     "deceasedBoolean":false,"multipleBirthInteger":2,
     "managingOrganization":{"reference":"#o1"},
     "generalPractitioner":[{"reference":"Practitioner/7"},{"reference":"http://x.org/fhir/Organization/9/_history/2"}]}
    """#

  static let observation = #"""
    {"resourceType":"Observation","id":"ob","status":"final",
     "code":{"coding":[{"system":"http://loinc.org","code":"29463-7"},{"system":"http://snomed.info/sct","code":"27113001"}]},
     "effectivePeriod":{"start":"2020-01-01","end":"2020-01-02T10:00:00Z"},
     "valueQuantity":{"value":185.0,"unit":"lbs","system":"http://unitsofmeasure.org","code":"[lb_av]"},
     "component":[{"code":{"text":"a"},"valueString":"low"},{"code":{"text":"b"},"valueInteger":3}]}
    """#

  static func item(_ json: String, types: any ElementTypes = InferredTypes.standard) throws
    -> FHIRPathItem
  {
    FHIRPathItem(try Resource(parsing: Array(json.utf8)), types: types)
  }

  /// A moment, so that `now()` is the same in every run.
  static let now = Instant(millisecondsSinceEpoch: 1_600_000_000_123)

  /// The result as text: its items with bars between them; `!code` for an error.
  static func result(
    _ expression: String, on json: String = patient, environment: FHIRPathEnvironment? = nil
  ) throws -> String {
    do throws(PeerChartError) {
      let path = try FHIRPath(expression)
      let types = environment?.types ?? InferredTypes.standard
      guard let item = try? item(json, types: types) else { return "?" }
      let items = try path.evaluate(
        on: item, in: environment ?? FHIRPathEnvironment(now: now))
      return items.map(shown).joined(separator: "|")
    } catch {
      return "!\(error.code.rawValue)"
    }
  }

  /// An item as text; an element that is no primitive by its place.
  static func shown(_ item: FHIRPathItem) -> String {
    item.text ?? item.element?.pointer ?? "?"
  }

  /// Checks a table of `expression → result`.
  static func check(
    _ table: [(String, String)], on json: String = patient,
    environment: FHIRPathEnvironment? = nil, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    for (expression, expected) in table {
      let found = try result(expression, on: json, environment: environment)
      #expect(found == expected, "\(expression)", sourceLocation: sourceLocation)
    }
  }
}

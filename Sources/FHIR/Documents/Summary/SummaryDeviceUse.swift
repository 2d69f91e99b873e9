/// The IPS lists the use of devices. A Device that says itself whose it is, and of which no statement
/// of use is listed, gets one for the document.
struct SummaryDeviceUse {
  let id: String
  let json: [UInt8]

  init(of device: ReferenceTarget, patient: String, frame: DocumentFrame) {
    id = frame.madeID("DeviceUseStatement/\(device.id)")
    json =
      JSONTree.object([
        ("resourceType", "DeviceUseStatement"), ("id", .string(id)), ("status", "active"),
        ("subject", ["reference": .string(patient)]),
        (
          "_timingDateTime",
          [
            "extension": [
              [
                "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
                "valueCode": "unknown",
              ]
            ]
          ]
        ),
        ("device", ["reference": .string(frame.fullURL(device))]),
        ("note", [["text": "Follows from the record of the device."]]),
      ]).serialized()
  }
}

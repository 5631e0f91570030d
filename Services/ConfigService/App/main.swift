import Arguments
import Glibc
import Model
import Reactor

let options = ServiceOptions.read("archetype-configs", "keeps intent: labs, placements, cables, jobs and configurations")
exit(
  Service.run(.configs, options) {
    _ throws(LabError) in try ConfigApp(folder: options.data)
  })

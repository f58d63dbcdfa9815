export const USAGE = `nestwave - random waves in a zone of a structure: submodel Monte Carlo with learnt boundary histories

usage
  nestwave VERB [study.json] [--out DIR] [flags]

verbs
  demo       the whole job on the plate with a hole that comes with the package (about 5 minutes on 2 cores)
  run        dataset, then train, then estimate: the whole job of a study file
  dataset    run the full domain and keep the motion of the zone's boundary
  train      reduce the traces, fit the baselines, train the nested generator (needs dataset)
  estimate   sample boundaries, run the submodel, write report.html and report.json (needs train)
  simulate   one full-domain run: snapshots for ParaView (VTU/PVD) and its trace (NPZ)
  inspect    what a study file, a mesh, a result folder or its zip holds, and what a study would cost
  schema     the JSON Schema of the study file

verbs that ask a server
  submit     make a job of a study file there
  watch      follow a job until it has ended, then show its result
  fetch      bring a job's files into a folder here
  cancel     end a job; what is finished stays
  resume     take an ended job up again
  jobs       list the newest jobs

verbs of the server (nestwave VERB --help explains each)
  serve      the HTTP service: API, queue, database, worker (npm start)
  worker     compute for a service on another machine
  keys       make, list and revoke API keys
  backup     copy the service's state; restore puts it back
  doctor     check what the service needs

flags
  -o, --out DIR      where results go (default: out/<name of the study file>)
  -w, --workers N    worker threads (default: one per core); results do not depend on it
      --sample I     which sample to simulate (simulate only; default 0)
      --executor E   tensor runtime: auto, tfjs-node-gpu, tfjs-node, onnxruntime-webgpu, onnxruntime-cpu, onnxruntime-web,
                     tfjs-cpu (default auto)
      --server URL   address of the server (default: NESTWAVE_SERVER, or http://127.0.0.1:8080)
      --key KEY      key for the server, where it asks for one (default: NESTWAVE_KEY)
      --kind K       what to submit: simulation, dataset, training, estimate, run (default run)
      --priority P   submit with priority -1, 0 or 1 (default 0); lower ones wait for higher ones
      --title T      name of the job in lists (default: the study's title)
      --watch        follow the job after submit or resume
      --only report  fetch report.html and report.json only
  -q, --quiet        no progress; warnings only
      --json         progress and result as JSON lines
  -h, --help         this text, or a verb's

Ctrl-C stops; the same command goes on where it stopped. Exit code 0: done; 2: bad input, every problem listed; 1: anything else.
`

export const VERB_HELP: Readonly<Record<string, string>> = {
  demo: `nestwave demo [--out DIR]

Runs the study experiments/plate-with-hole/study.json: a steel plate with a random modulus is hit at one edge; what happens around
the hole? Full-domain runs, training, submodel Monte Carlo, and a report beside 1,000 held-out full-domain runs.
Writes DIR/report.html (open it in a browser) and DIR/report.json. Default DIR: out/demo
`,
  run: `nestwave run study.json [--out DIR]

dataset, train and estimate in one go. What is finished is not computed again.
`,
  dataset: `nestwave dataset study.json [--out DIR]

Runs the full domain dataset.train + dataset.validation + dataset.test times. Writes DIR/dataset/{train,validation,test}/chunks.
Raise a count in the study file and repeat the command to extend; finished runs stay.
`,
  train: `nestwave train study.json [--out DIR]

Reduces the training traces, chooses the number of modes by the error of the quantities of interest, fits the baseline models and
trains the nested generator with checkpoints. Writes DIR/model. Run dataset first.
`,
  estimate: `nestwave estimate study.json [--out DIR]

Samples boundary histories, runs the submodel, and reports mean, standard deviation, quantiles and exceedance probabilities with
intervals, beside the held-out full-domain runs. Writes DIR/report.html and DIR/report.json. Run train first.
`,
  simulate: `nestwave simulate study.json [--out DIR] [--sample I]

One full-domain run of the training law (sample I). Writes DIR/simulation-I/wave.pvd with its .vtu frames (displacement, modulus; open
in ParaView), and trace.npz with the zone boundary's motion.
`,
  inspect: `nestwave inspect study.json | mesh.msh | DIR | job.zip

study.json  mesh, zone, stable step, steps, trace size, and the estimated cost of each stage
mesh.msh    nodes, cells, groups, worst cells
DIR         finished stages, samples, and the headline results
job.zip     the same of a job that was exported from a server
`,
  schema: `nestwave schema

Prints the JSON Schema (2020-12) of the study file; every number carries its unit.
`,
  submit: `nestwave submit study.json [--kind K] [--watch] [--title T] [--priority P] [--server URL] [--key KEY]

Checks the study here, sees to it that the server has its mesh, makes a job there, and prints its id. A mesh that the server has with
the same content is not sent again; where it has another one of that name, this one gets a name of its own. The job does not need
this machine any longer. With --quiet the id alone is printed: ID=$(nestwave submit study.json -q)

kinds: run (dataset, training, estimate), dataset, training, estimate, simulation (with --sample I)
`,
  watch: `nestwave watch ID [--server URL] [--key KEY]

Shows the stages of a job with the time to go, from its beginning until it has ended, then its result. Outlives lost connections and
restarts of the server. Ctrl-C ends the watching and not the job. Exit code 0: succeeded; 1: failed, cancelled, or not watched to
the end.
`,
  fetch: `nestwave fetch ID [--out DIR] [--only report] [--server URL] [--key KEY]

Brings the files of a job into DIR (default: out/ID), the same folder that a run here would have made: nestwave inspect DIR. Files
that are there with the same sha256 are not fetched again; an interrupted fetch goes on where it stopped. Works while the job runs, with
what it has so far. --only report brings report.html and report.json.
`,
  cancel: `nestwave cancel ID [--server URL] [--key KEY]

Ends a job that waits or runs. What is finished stays: nestwave resume ID goes on from there, nestwave fetch ID brings it here.
`,
  resume: `nestwave resume ID [--watch] [--server URL] [--key KEY]

Takes up a job that failed or was cancelled. What is finished is not computed again.
`,
  jobs: `nestwave jobs [--json] [--server URL] [--key KEY]

Lists the newest jobs with state and progress; with --json as one object, as the server sends it.
`,
}

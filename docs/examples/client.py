"""Runs a study on a Nestwave server and prints what it estimates.

usage: python3 client.py http://127.0.0.1:8080 study.json mesh.msh    (a key, if the server asks for one: NESTWAVE_KEY)
needs: pip install requests
"""
import json
import os
import sys
import time
import uuid

import requests

server, study_path, mesh_path = sys.argv[1].rstrip('/'), sys.argv[2], sys.argv[3]
session = requests.Session()
if os.environ.get('NESTWAVE_KEY'):
    session.headers['Authorization'] = 'Bearer ' + os.environ['NESTWAVE_KEY']


def ask(method, path, **more):
    """One request; a refusal is told with every problem of the input."""
    response = session.request(method, server + path, timeout=60, **more)
    if not response.ok:
        problem = response.json()
        lines = [f"  {e['path']}: expected {e['expected']}, received {e['received']}" for e in problem.get('errors', [])]
        sys.exit('\n'.join([f"{problem['title']}: {problem.get('detail', '')}", *lines]))
    return response.json()


def events(job):
    """Every event of a job, once and in order. A lost connection is made again, after the last event that arrived."""
    last = 0
    while True:
        try:
            headers = {'Last-Event-ID': str(last)} if last else {}
            # The server sends a comment every 15 s; a silence of 45 s is a lost connection.
            with session.get(f'{server}/v1/jobs/{job}/events', headers=headers, stream=True, timeout=(10, 45)) as stream:
                stream.raise_for_status()
                for line in stream.iter_lines():
                    if line == b'event: end':
                        return
                    if line.startswith(b'data: ') and (event := json.loads(line[6:])).get('seq', 0) > last:
                        last = event['seq']
                        yield event
        except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError) as lost:
            print(f'  lost the connection ({type(lost).__name__}), trying again', file=sys.stderr)
        time.sleep(1)


mesh_name = os.path.basename(mesh_path)
with open(mesh_path, 'rb') as mesh:
    ask('PUT', f'/v1/meshes/{mesh_name}', data=mesh, headers={'Content-Type': 'application/octet-stream'})
with open(study_path, encoding='utf-8') as file:
    study = json.load(file)
study['domain']['mesh'] = mesh_name

# With the same key, a request that is sent twice makes one job.
job = ask('POST', '/v1/jobs', json={'kind': 'run', 'study': study}, headers={'Idempotency-Key': str(uuid.uuid4())})
print(f"job {job['id']}")
for event in events(job['id']):
    print(f"  {event['at']} {event['type']:8} {json.dumps(event['data'])}")

results = ask('GET', f"/v1/jobs/{job['id']}/results")
if results['state'] != 'succeeded':
    sys.exit(f"the job {results['state']}: {ask('GET', '/v1/jobs/' + job['id'])['reason']}")
for e in results['report']['estimates']:
    low, high = e['interval']
    print(f"{e['qoi']:24} {e['statistic']:20} {e['value']:.5g} [{low:.5g}, {high:.5g}] {e['unit']}")

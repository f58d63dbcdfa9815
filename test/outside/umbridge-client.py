"""The calls of the Python client of UM-Bridge 1.0, one to one, and the published conformity checks.

The bodies are those that umbridge.HTTPModel sends (github.com/UM-Bridge/umbridge, umbridge/client.py).
Usage: umbridge-client.py URL NAME INPUT_JSON CONFIG_JSON; prints what it got as JSON.
"""
import json
import sys

import requests

url, name, given, config = sys.argv[1], sys.argv[2], json.loads(sys.argv[3]), json.loads(sys.argv[4])

# The load balancer and the tests wait for a server like this: any answer will do.
requests.head(url)

info = requests.get(f"{url}/Info").json()
assert info["protocolVersion"] == 1.0 and isinstance(info["protocolVersion"], float)
assert name in info["models"]

support = requests.post(f"{url}/ModelInfo", json={"name": name}).json()["support"]
sizes = {
    "input": requests.post(f"{url}/InputSizes", json={"name": name, "config": config}).json()["inputSizes"],
    "output": requests.post(f"{url}/OutputSizes", json={"name": name, "config": config}).json()["outputSizes"],
}
body = {"name": name, "input": given, "config": config}
answer = requests.post(f"{url}/Evaluate", json=body).json()
if "error" in answer:
    raise SystemExit(f'Model returned error of type {answer["error"]["type"]}: {answer["error"]["message"]}')

# The conformity tests send text without a Content-Type.
indented = requests.post(f"{url}/Evaluate", headers={}, data=json.dumps(body, indent=4))
assert indented.status_code == 200 and indented.json() == answer, indented.text


def error(response):
    assert response.status_code == 400, response.text
    content = response.json()
    assert list(content) == ["error"] and sorted(content["error"]) == ["message", "type"], content
    assert isinstance(content["error"]["message"], str)
    return content["error"]["type"]


wrong = {"name": "wrong_model_name"}
longer = {**body, "input": [vector + [0.0] for vector in given]}
errors = {
    "wrong name, Evaluate": error(requests.post(f"{url}/Evaluate", headers={}, json=wrong)),
    "wrong name, ModelInfo": error(requests.post(f"{url}/ModelInfo", json=wrong)),
    "wrong dimensions": error(requests.post(f"{url}/Evaluate", headers={}, data=json.dumps(longer, indent=4))),
    "not a number": error(requests.post(f"{url}/Evaluate", data=json.dumps({**body, "input": [[float("nan")]]}))),
}
for feature in ("Gradient", "ApplyJacobian", "ApplyHessian"):
    errors[feature] = error(requests.post(f"{url}/{feature}", headers={}, json={"name": name}))
    errors[f"{feature}, empty"] = error(requests.post(f"{url}/{feature}", headers={}))

print(json.dumps({"support": support, "sizes": sizes, "output": answer["output"], "errors": errors}))

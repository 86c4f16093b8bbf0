// A small SMART app on the npm fhirclient: it asks for goals and tasks of one person, and shows what it was left.
const TYPES = ["Patient", "Goal", "Task"];
const SCOPE = "openid fhirUser launch/patient patient/Patient.rs patient/Goal.rs patient/Task.rs";

function state(text) {
  document.getElementById("state").textContent = text;
}

function seen(name, text) {
  const term = document.createElement("dt");
  const told = document.createElement("dd");
  term.textContent = name;
  told.textContent = text;
  told.id = name;
  document.getElementById("seen").append(term, told);
}

async function answer(client, type) {
  const query = type === "Patient" ? `Patient/${client.patient.id}` : `${type}?patient=${client.patient.id}`;
  try {
    await client.request(query);
    return "shown";
  } catch (error) {
    return `refused ${error.status || error.statusCode || error.message}`;
  }
}

async function show(client) {
  seen("scope", client.state.tokenResponse.scope);
  seen("patient", client.patient.id || "");
  for (const type of TYPES) {
    seen(type, await answer(client, type));
  }
  state("connected");
}

const asked = new URLSearchParams(location.search);
if (location.pathname === "/launch") {
  FHIR.oauth2.authorize({ clientId: asked.get("client"), iss: asked.get("iss"), scope: SCOPE, redirectUri: "/back" });
} else {
  FHIR.oauth2.ready().then(show).catch((error) => state(`failed: ${error.message}`));
}

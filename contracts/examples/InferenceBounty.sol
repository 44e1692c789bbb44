// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

import {IZkonnxVerifier} from "../interfaces/IZkonnxVerifier.sol";

/// @title Example: pay a worker for one inference, once, if and only if it is proven
/// @notice The context binds the proof to this contract, this chain, the requester, the worker and the request. A proof seen in
/// the mempool is therefore of no use to anyone else, and a proof made for one request never pays for another.
contract InferenceBounty {
    error DevelopmentKey();
    error UnknownRequest(uint256 context);
    error WrongInput();
    error TooEarly(uint256 deadline);
    error TransferFailed();
    error ZeroAddress();

    event Requested(uint256 indexed context, address indexed requester, address indexed worker, bytes inputs);
    event Answered(uint256 indexed context, bytes outputs);

    struct Request {
        address requester;
        uint96 amount;
        address worker;
        uint64 deadline;
        bytes32 inputsHash;
    }

    IZkonnxVerifier public immutable verifier;
    uint256 public requestCount;
    mapping(uint256 context => Request) public requests;

    constructor(IZkonnxVerifier verifier_) {
        // A development key proves nothing to a stranger. 31337 is the chain id of a local test node.
        if (verifier_.isDevelopmentKey() && block.chainid != 31337) revert DevelopmentKey();
        verifier = verifier_;
    }

    /// @notice Asks `worker` to run the model on `inputs`; the value sent is the pay.
    /// @return context The context that the proof must carry.
    function request(bytes calldata inputs, address worker, uint64 deadline) external payable returns (uint256 context) {
        if (worker == address(0)) revert ZeroAddress();
        bytes32 digest = keccak256(abi.encode(block.chainid, address(this), msg.sender, worker, requestCount++));
        // 31 bytes are always below the order of the field.
        context = uint256(digest) >> 8;
        requests[context] = Request(msg.sender, uint96(msg.value), worker, deadline, keccak256(inputs));
        emit Requested(context, msg.sender, worker, inputs);
    }

    /// @notice Pays the worker. Anyone may submit the proof: the pay goes to the worker that the context names.
    function answer(uint256 context, bytes calldata inputs, bytes calldata outputs, uint256[8] calldata proof) external {
        Request memory asked = requests[context];
        if (asked.requester == address(0)) revert UnknownRequest(context);
        if (keccak256(inputs) != asked.inputsHash) revert WrongInput();

        verifier.verifyInference(inputs, outputs, context, proof); // reverts unless the proof verifies

        delete requests[context];
        emit Answered(context, outputs);
        _pay(asked.worker, asked.amount);
    }

    /// @notice Returns the pay of a request that was not answered by its deadline.
    function refund(uint256 context) external {
        Request memory asked = requests[context];
        if (asked.requester == address(0)) revert UnknownRequest(context);
        if (block.timestamp <= asked.deadline) revert TooEarly(asked.deadline);

        delete requests[context];
        _pay(asked.requester, asked.amount);
    }

    function _pay(address to, uint256 amount) private {
        (bool paid, ) = to.call{value: amount}("");
        if (!paid) revert TransferFailed();
    }
}
